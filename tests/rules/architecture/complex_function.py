def tangled(orders, rates, log):  # bad: complex-function
    total = 0
    for order in orders:
        if order.open and not order.locked:
            for item in order.items:
                if item.active:
                    if item.discount:
                        if item.discount > 10 or item.gift:
                            total -= 1
                        elif item.discount > 5:
                            total -= 2
                        else:
                            total += 1
                    while item.parts:
                        part = item.parts.pop()
                        if part.broken:
                            if part.warranty and part.age < 2:
                                total -= part.price
                            else:
                                log(part)
                elif item.waiting:
                    if item.rate in rates:
                        total += rates[item.rate]
                    else:
                        log(item)
        elif order.locked:
            if order.owner:
                if order.owner.blocked or order.owner.gone:
                    log(order)
                else:
                    total += 1
        else:
            try:
                total += order.price
            except KeyError:
                if order.key:
                    log(order.key)
    return total


def dispatch(node, out):  # ok: complex-function
    if node.kind == 0:
        out.add_0(node)
    elif node.kind == 1:
        out.add_1(node)
    elif node.kind == 2:
        out.add_2(node)
    elif node.kind == 3:
        out.add_3(node)
    elif node.kind == 4:
        out.add_4(node)
    elif node.kind == 5:
        out.add_5(node)
    elif node.kind == 6:
        out.add_6(node)
    elif node.kind == 7:
        out.add_7(node)
    elif node.kind == 8:
        out.add_8(node)
    elif node.kind == 9:
        out.add_9(node)
    elif node.kind == 10:
        out.add_10(node)
    elif node.kind == 11:
        out.add_11(node)
    elif node.kind == 12:
        out.add_12(node)
    elif node.kind == 13:
        out.add_13(node)
    elif node.kind == 14:
        out.add_14(node)
    elif node.kind == 15:
        out.add_15(node)
    elif node.kind == 16:
        out.add_16(node)
    elif node.kind == 17:
        out.add_17(node)
    elif node.kind == 18:
        out.add_18(node)
    elif node.kind == 19:
        out.add_19(node)
    elif node.kind == 20:
        out.add_20(node)
    elif node.kind == 21:
        out.add_21(node)
    elif node.kind == 22:
        out.add_22(node)
    elif node.kind == 23:
        out.add_23(node)
    elif node.kind == 24:
        out.add_24(node)
    elif node.kind == 25:
        out.add_25(node)


def short(items):  # ok: complex-function
    for row in items:
        for cell in row:
            if cell:
                for part in cell:
                    if part:
                        return part
    return None
