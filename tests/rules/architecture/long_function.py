def everything(options, out):  # bad: long-function
    if options.flag_0:
        first_0 = options.value_0
        second_0 = first_0 + 0
        out.write(second_0)
    if options.flag_1:
        first_1 = options.value_1
        second_1 = first_1 + 1
        out.write(second_1)
    if options.flag_2:
        first_2 = options.value_2
        second_2 = first_2 + 2
        out.write(second_2)
    if options.flag_3:
        first_3 = options.value_3
        second_3 = first_3 + 3
        out.write(second_3)
    if options.flag_4:
        first_4 = options.value_4
        second_4 = first_4 + 4
        out.write(second_4)
    if options.flag_5:
        first_5 = options.value_5
        second_5 = first_5 + 5
        out.write(second_5)
    if options.flag_6:
        first_6 = options.value_6
        second_6 = first_6 + 6
        out.write(second_6)
    if options.flag_7:
        first_7 = options.value_7
        second_7 = first_7 + 7
        out.write(second_7)
    if options.flag_8:
        first_8 = options.value_8
        second_8 = first_8 + 8
        out.write(second_8)
    if options.flag_9:
        first_9 = options.value_9
        second_9 = first_9 + 9
        out.write(second_9)
    if options.flag_10:
        first_10 = options.value_10
        second_10 = first_10 + 10
        out.write(second_10)
    if options.flag_11:
        first_11 = options.value_11
        second_11 = first_11 + 11
        out.write(second_11)
    if options.flag_12:
        first_12 = options.value_12
        second_12 = first_12 + 12
        out.write(second_12)
    if options.flag_13:
        first_13 = options.value_13
        second_13 = first_13 + 13
        out.write(second_13)
    if options.flag_14:
        first_14 = options.value_14
        second_14 = first_14 + 14
        out.write(second_14)
    if options.flag_15:
        first_15 = options.value_15
        second_15 = first_15 + 15
        out.write(second_15)
    if options.flag_16:
        first_16 = options.value_16
        second_16 = first_16 + 16
        out.write(second_16)
    if options.flag_17:
        first_17 = options.value_17
        second_17 = first_17 + 17
        out.write(second_17)
    if options.flag_18:
        first_18 = options.value_18
        second_18 = first_18 + 18
        out.write(second_18)
    if options.flag_19:
        first_19 = options.value_19
        second_19 = first_19 + 19
        out.write(second_19)
    if options.flag_20:
        first_20 = options.value_20
        second_20 = first_20 + 20
        out.write(second_20)
    if options.flag_21:
        first_21 = options.value_21
        second_21 = first_21 + 21
        out.write(second_21)
    if options.flag_22:
        first_22 = options.value_22
        second_22 = first_22 + 22
        out.write(second_22)
    if options.flag_23:
        first_23 = options.value_23
        second_23 = first_23 + 23
        out.write(second_23)
    return out


def straight(out):  # ok: long-function
    out.step_0()
    out.step_1()
    out.step_2()
    out.step_3()
    out.step_4()
    out.step_5()
    out.step_6()
    out.step_7()
    out.step_8()
    out.step_9()
    out.step_10()
    out.step_11()
    out.step_12()
    out.step_13()
    out.step_14()
    out.step_15()
    out.step_16()
    out.step_17()
    out.step_18()
    out.step_19()
    out.step_20()
    out.step_21()
    out.step_22()
    out.step_23()
    out.step_24()
    out.step_25()
    out.step_26()
    out.step_27()
    out.step_28()
    out.step_29()
    out.step_30()
    out.step_31()
    out.step_32()
    out.step_33()
    out.step_34()
    out.step_35()
    out.step_36()
    out.step_37()
    out.step_38()
    out.step_39()
    out.step_40()
    out.step_41()
    out.step_42()
    out.step_43()
    out.step_44()
    out.step_45()
    out.step_46()
    out.step_47()
    out.step_48()
    out.step_49()
    out.step_50()
    out.step_51()
    out.step_52()
    out.step_53()
    out.step_54()
    out.step_55()
    out.step_56()
    out.step_57()
    out.step_58()
    out.step_59()
    out.step_60()
    out.step_61()
    out.step_62()
    out.step_63()
    out.step_64()
    out.step_65()
    out.step_66()
    out.step_67()
    out.step_68()
    out.step_69()
    out.step_70()
    out.step_71()
    out.step_72()
    out.step_73()
    out.step_74()
    out.step_75()
    out.step_76()
    out.step_77()
    out.step_78()
    out.step_79()
    out.step_80()
    out.step_81()
    out.step_82()
    out.step_83()
    out.step_84()
    out.step_85()
    out.step_86()
    out.step_87()
    out.step_88()
    out.step_89()
    out.step_90()
    out.step_91()
    out.step_92()
    out.step_93()
    out.step_94()
    return out


def mostly_words(options, out):  # ok: long-function
    """What it does, at length.

    Line 0 of the story.
    Line 1 of the story.
    Line 2 of the story.
    Line 3 of the story.
    Line 4 of the story.
    Line 5 of the story.
    Line 6 of the story.
    Line 7 of the story.
    Line 8 of the story.
    Line 9 of the story.
    Line 10 of the story.
    Line 11 of the story.
    Line 12 of the story.
    Line 13 of the story.
    Line 14 of the story.
    Line 15 of the story.
    Line 16 of the story.
    Line 17 of the story.
    Line 18 of the story.
    Line 19 of the story.
    Line 20 of the story.
    Line 21 of the story.
    Line 22 of the story.
    Line 23 of the story.
    Line 24 of the story.
    Line 25 of the story.
    Line 26 of the story.
    Line 27 of the story.
    Line 28 of the story.
    Line 29 of the story.
    Line 30 of the story.
    Line 31 of the story.
    Line 32 of the story.
    Line 33 of the story.
    Line 34 of the story.
    Line 35 of the story.
    Line 36 of the story.
    Line 37 of the story.
    Line 38 of the story.
    Line 39 of the story.
    Line 40 of the story.
    Line 41 of the story.
    Line 42 of the story.
    Line 43 of the story.
    Line 44 of the story.
    Line 45 of the story.
    Line 46 of the story.
    Line 47 of the story.
    Line 48 of the story.
    Line 49 of the story.
    Line 50 of the story.
    Line 51 of the story.
    Line 52 of the story.
    Line 53 of the story.
    Line 54 of the story.
    Line 55 of the story.
    Line 56 of the story.
    Line 57 of the story.
    Line 58 of the story.
    Line 59 of the story.
    Line 60 of the story.
    Line 61 of the story.
    Line 62 of the story.
    Line 63 of the story.
    Line 64 of the story.
    Line 65 of the story.
    Line 66 of the story.
    Line 67 of the story.
    Line 68 of the story.
    Line 69 of the story.
    Line 70 of the story.
    Line 71 of the story.
    Line 72 of the story.
    Line 73 of the story.
    Line 74 of the story.
    Line 75 of the story.
    Line 76 of the story.
    Line 77 of the story.
    Line 78 of the story.
    Line 79 of the story.
    Line 80 of the story.
    Line 81 of the story.
    Line 82 of the story.
    Line 83 of the story.
    Line 84 of the story.
    Line 85 of the story.
    Line 86 of the story.
    Line 87 of the story.
    Line 88 of the story.
    Line 89 of the story.
    """
    # why 0

    if options.flag_0:
        out.write(0)
    # why 1

    if options.flag_1:
        out.write(1)
    # why 2

    if options.flag_2:
        out.write(2)
    # why 3

    if options.flag_3:
        out.write(3)
    # why 4

    if options.flag_4:
        out.write(4)
    # why 5

    if options.flag_5:
        out.write(5)
    # why 6

    if options.flag_6:
        out.write(6)
    # why 7

    if options.flag_7:
        out.write(7)
    # why 8

    if options.flag_8:
        out.write(8)
    # why 9

    if options.flag_9:
        out.write(9)
    # why 10

    if options.flag_10:
        out.write(10)
    # why 11

    if options.flag_11:
        out.write(11)
    # why 12

    if options.flag_12:
        out.write(12)
    # why 13

    if options.flag_13:
        out.write(13)
    # why 14

    if options.flag_14:
        out.write(14)
    # why 15

    if options.flag_15:
        out.write(15)
    # why 16

    if options.flag_16:
        out.write(16)
    # why 17

    if options.flag_17:
        out.write(17)
    # why 18

    if options.flag_18:
        out.write(18)
    # why 19

    if options.flag_19:
        out.write(19)
    # why 20

    if options.flag_20:
        out.write(20)
    # why 21

    if options.flag_21:
        out.write(21)
    return out


def table(kind, out):  # ok: long-function
    if kind == "a":
        out.first = kind
        out.write(1)
    elif kind == "b0":
        out.first = kind.strip(0)
        out.write(out.first)
    elif kind == "b1":
        out.first = kind.strip(1)
        out.write(out.first)
    elif kind == "b2":
        out.first = kind.strip(2)
        out.write(out.first)
    elif kind == "b3":
        out.first = kind.strip(3)
        out.write(out.first)
    elif kind == "b4":
        out.first = kind.strip(4)
        out.write(out.first)
    elif kind == "b5":
        out.first = kind.strip(5)
        out.write(out.first)
    elif kind == "b6":
        out.first = kind.strip(6)
        out.write(out.first)
    elif kind == "b7":
        out.first = kind.strip(7)
        out.write(out.first)
    elif kind == "b8":
        out.first = kind.strip(8)
        out.write(out.first)
    elif kind == "b9":
        out.first = kind.strip(9)
        out.write(out.first)
    elif kind == "b10":
        out.first = kind.strip(10)
        out.write(out.first)
    elif kind == "b11":
        out.first = kind.strip(11)
        out.write(out.first)
    elif kind == "b12":
        out.first = kind.strip(12)
        out.write(out.first)
    elif kind == "b13":
        out.first = kind.strip(13)
        out.write(out.first)
    elif kind == "b14":
        out.first = kind.strip(14)
        out.write(out.first)
    elif kind == "b15":
        out.first = kind.strip(15)
        out.write(out.first)
    elif kind == "b16":
        out.first = kind.strip(16)
        out.write(out.first)
    elif kind == "b17":
        out.first = kind.strip(17)
        out.write(out.first)
    elif kind == "b18":
        out.first = kind.strip(18)
        out.write(out.first)
    elif kind == "b19":
        out.first = kind.strip(19)
        out.write(out.first)
    elif kind == "b20":
        out.first = kind.strip(20)
        out.write(out.first)
    elif kind == "b21":
        out.first = kind.strip(21)
        out.write(out.first)
    elif kind == "b22":
        out.first = kind.strip(22)
        out.write(out.first)
    elif kind == "b23":
        out.first = kind.strip(23)
        out.write(out.first)
    elif kind == "b24":
        out.first = kind.strip(24)
        out.write(out.first)
    elif kind == "b25":
        out.first = kind.strip(25)
        out.write(out.first)
    elif kind == "b26":
        out.first = kind.strip(26)
        out.write(out.first)
    elif kind == "b27":
        out.first = kind.strip(27)
        out.write(out.first)
    elif kind == "b28":
        out.first = kind.strip(28)
        out.write(out.first)
    elif kind == "b29":
        out.first = kind.strip(29)
        out.write(out.first)
    return out


def blueprint(store, request, routes):  # ok: long-function
    @routes.route("/one")
    def one():
        values = []
        for _ in store:
            if request.form['k0']:
                values.append(request.form['v0'])
            if request.form['k1']:
                values.append(request.form['v1'])
            if request.form['k2']:
                values.append(request.form['v2'])
            if request.form['k3']:
                values.append(request.form['v3'])
            if request.form['k4']:
                values.append(request.form['v4'])
            if request.form['k5']:
                values.append(request.form['v5'])
            if request.form['k6']:
                values.append(request.form['v6'])
            if request.form['k7']:
                values.append(request.form['v7'])
            if request.form['k8']:
                values.append(request.form['v8'])
            if request.form['k9']:
                values.append(request.form['v9'])
            if request.form['k10']:
                values.append(request.form['v10'])
            if request.form['k11']:
                values.append(request.form['v11'])
            if request.form['k12']:
                values.append(request.form['v12'])
            if request.form['k13']:
                values.append(request.form['v13'])
            if request.form['k14']:
                values.append(request.form['v14'])
        return values

    @routes.route("/two")
    def two():
        values = []
        for _ in store:
            if request.form['k0']:
                values.append(request.form['v0'])
            if request.form['k1']:
                values.append(request.form['v1'])
            if request.form['k2']:
                values.append(request.form['v2'])
            if request.form['k3']:
                values.append(request.form['v3'])
            if request.form['k4']:
                values.append(request.form['v4'])
            if request.form['k5']:
                values.append(request.form['v5'])
            if request.form['k6']:
                values.append(request.form['v6'])
            if request.form['k7']:
                values.append(request.form['v7'])
            if request.form['k8']:
                values.append(request.form['v8'])
            if request.form['k9']:
                values.append(request.form['v9'])
            if request.form['k10']:
                values.append(request.form['v10'])
            if request.form['k11']:
                values.append(request.form['v11'])
            if request.form['k12']:
                values.append(request.form['v12'])
            if request.form['k13']:
                values.append(request.form['v13'])
            if request.form['k14']:
                values.append(request.form['v14'])
        return values

    return routes
