# expected: monkeypatching the client gives no more rights: the broker re-checks name and token
# check: r['status']=='ok' and r['value'] is True
import mcp_sdkgen_runtime.guest.channel as client
client._MAX_SAFE_ARGUMENTS = 10**12
tools.channel.arguments_bytes = 10**12
reply = tools.channel.request("tools/call", {"name": "admin.rotate_keys", "arguments": {}, "_meta": {
    "mcp-sdkgen/server": "calc", "mcp-sdkgen/token": tools.channel.token}}).result()
print(reply)
result = bool(reply.get('error'))
