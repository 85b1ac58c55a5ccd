# expected: broker refuses a tool outside the allow-list
# check: r['status']=='ok' and r['value'] is True
try: tools.call('delete_everything'); result=False
except Exception as e: print(e); result = type(e).__name__=='CallRefused'
