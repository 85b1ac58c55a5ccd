from inventory_sdk import inventory
from mcp_sdkgen_runtime import ToolError
from payment_sdk import payment
from shipping_sdk import shipping

earned = 0
for order in inventory.list_open_orders():
    who = f"{order.order_id} {order.customer}"
    lines = [{"sku": line.sku, "quantity": line.quantity} for line in order.lines]
    try:
        inventory.reserve(order_id=order.order_id, lines=lines)
    except ToolError as problem:
        print(f"{who}: not reserved, {problem.text}")
        continue

    # The key is the order's own number, so another run of this program charges nothing.
    paid = payment.charge(
        idempotency_key=order.order_id, customer=order.customer, cents=order.total_cents
    )
    if paid.status == "refunded":
        inventory.release(order_id=order.order_id)
        print(f"{who}: was cancelled before, {paid.payment_id} stays refunded")
        continue

    try:
        parcel = shipping.ship(order_id=order.order_id, country=order.country)
    except ToolError as problem:
        refund = payment.refund(payment_id=paid.payment_id)
        inventory.release(order_id=order.order_id)
        print(f"{who}: cancelled, {problem.text}; {refund.cents / 100:.2f} EUR refunded")
        continue

    earned += 0 if paid.repeated else paid.cents
    how = "charged before" if paid.repeated else f"charged {paid.cents / 100:.2f} EUR"
    print(f"{who}: {how}, parcel {parcel.tracking} takes {parcel.days} days")

print(f"Charged in this run: {earned / 100:.2f} EUR")
print("In stock:", ", ".join(f"{one.available} {one.sku}" for one in inventory.list_stock()))
