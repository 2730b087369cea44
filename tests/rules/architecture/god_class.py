class Everything:  # bad: god-class
    def render(self, value):
        if value > 0 and self.item_0:
            self.item_0 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_0:
            self.item_0 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_0:
            self.item_0 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_0:
            self.item_0 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_0:
            self.item_0 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_0:
            self.item_0 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_0:
            self.item_0 = value
            value += 6
            self.log(value)
        return value

    def export(self, value):
        if value > 0 and self.item_1:
            self.item_1 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_1:
            self.item_1 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_1:
            self.item_1 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_1:
            self.item_1 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_1:
            self.item_1 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_1:
            self.item_1 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_1:
            self.item_1 = value
            value += 6
            self.log(value)
        return value

    def read(self, value):
        if value > 0 and self.item_2:
            self.item_2 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_2:
            self.item_2 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_2:
            self.item_2 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_2:
            self.item_2 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_2:
            self.item_2 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_2:
            self.item_2 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_2:
            self.item_2 = value
            value += 6
            self.log(value)
        return value

    def write(self, value):
        if value > 0 and self.item_3:
            self.item_3 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_3:
            self.item_3 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_3:
            self.item_3 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_3:
            self.item_3 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_3:
            self.item_3 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_3:
            self.item_3 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_3:
            self.item_3 = value
            value += 6
            self.log(value)
        return value

    def animate(self, value):
        if value > 0 and self.item_4:
            self.item_4 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_4:
            self.item_4 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_4:
            self.item_4 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_4:
            self.item_4 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_4:
            self.item_4 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_4:
            self.item_4 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_4:
            self.item_4 = value
            value += 6
            self.log(value)
        return value

    def theme(self, value):
        if value > 0 and self.item_5:
            self.item_5 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_5:
            self.item_5 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_5:
            self.item_5 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_5:
            self.item_5 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_5:
            self.item_5 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_5:
            self.item_5 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_5:
            self.item_5 = value
            value += 6
            self.log(value)
        return value

    def measure(self, value):
        if value > 0 and self.item_6:
            self.item_6 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_6:
            self.item_6 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_6:
            self.item_6 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_6:
            self.item_6 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_6:
            self.item_6 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_6:
            self.item_6 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_6:
            self.item_6 = value
            value += 6
            self.log(value)
        return value

    def wrap(self, value):
        if value > 0 and self.item_7:
            self.item_7 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_7:
            self.item_7 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_7:
            self.item_7 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_7:
            self.item_7 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_7:
            self.item_7 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_7:
            self.item_7 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_7:
            self.item_7 = value
            value += 6
            self.log(value)
        return value

    def align(self, value):
        if value > 0 and self.item_8:
            self.item_8 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_8:
            self.item_8 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_8:
            self.item_8 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_8:
            self.item_8 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_8:
            self.item_8 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_8:
            self.item_8 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_8:
            self.item_8 = value
            value += 6
            self.log(value)
        return value

    def style(self, value):
        if value > 0 and self.item_9:
            self.item_9 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_9:
            self.item_9 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_9:
            self.item_9 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_9:
            self.item_9 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_9:
            self.item_9 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_9:
            self.item_9 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_9:
            self.item_9 = value
            value += 6
            self.log(value)
        return value

    def print(self, value):
        if value > 0 and self.item_10:
            self.item_10 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_10:
            self.item_10 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_10:
            self.item_10 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_10:
            self.item_10 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_10:
            self.item_10 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_10:
            self.item_10 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_10:
            self.item_10 = value
            value += 6
            self.log(value)
        return value

    def log(self, value):
        if value > 0 and self.item_11:
            self.item_11 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_11:
            self.item_11 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_11:
            self.item_11 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_11:
            self.item_11 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_11:
            self.item_11 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_11:
            self.item_11 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_11:
            self.item_11 = value
            value += 6
            self.log(value)
        return value

    def record(self, value):
        if value > 0 and self.item_12:
            self.item_12 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_12:
            self.item_12 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_12:
            self.item_12 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_12:
            self.item_12 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_12:
            self.item_12 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_12:
            self.item_12 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_12:
            self.item_12 = value
            value += 6
            self.log(value)
        return value

    def open(self, value):
        if value > 0 and self.item_13:
            self.item_13 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_13:
            self.item_13 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_13:
            self.item_13 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_13:
            self.item_13 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_13:
            self.item_13 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_13:
            self.item_13 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_13:
            self.item_13 = value
            value += 6
            self.log(value)
        return value

    def close(self, value):
        if value > 0 and self.item_14:
            self.item_14 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_14:
            self.item_14 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_14:
            self.item_14 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_14:
            self.item_14 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_14:
            self.item_14 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_14:
            self.item_14 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_14:
            self.item_14 = value
            value += 6
            self.log(value)
        return value

    def lock(self, value):
        if value > 0 and self.item_15:
            self.item_15 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_15:
            self.item_15 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_15:
            self.item_15 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_15:
            self.item_15 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_15:
            self.item_15 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_15:
            self.item_15 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_15:
            self.item_15 = value
            value += 6
            self.log(value)
        return value

    def size(self, value):
        if value > 0 and self.item_16:
            self.item_16 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_16:
            self.item_16 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_16:
            self.item_16 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_16:
            self.item_16 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_16:
            self.item_16 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_16:
            self.item_16 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_16:
            self.item_16 = value
            value += 6
            self.log(value)
        return value

    def clear(self, value):
        if value > 0 and self.item_17:
            self.item_17 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_17:
            self.item_17 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_17:
            self.item_17 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_17:
            self.item_17 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_17:
            self.item_17 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_17:
            self.item_17 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_17:
            self.item_17 = value
            value += 6
            self.log(value)
        return value

    def bell(self, value):
        if value > 0 and self.item_18:
            self.item_18 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_18:
            self.item_18 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_18:
            self.item_18 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_18:
            self.item_18 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_18:
            self.item_18 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_18:
            self.item_18 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_18:
            self.item_18 = value
            value += 6
            self.log(value)
        return value

    def show(self, value):
        if value > 0 and self.item_19:
            self.item_19 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_19:
            self.item_19 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_19:
            self.item_19 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_19:
            self.item_19 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_19:
            self.item_19 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_19:
            self.item_19 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_19:
            self.item_19 = value
            value += 6
            self.log(value)
        return value

    def hide(self, value):
        if value > 0 and self.item_20:
            self.item_20 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_20:
            self.item_20 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_20:
            self.item_20 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_20:
            self.item_20 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_20:
            self.item_20 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_20:
            self.item_20 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_20:
            self.item_20 = value
            value += 6
            self.log(value)
        return value

    def push(self, value):
        if value > 0 and self.item_21:
            self.item_21 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_21:
            self.item_21 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_21:
            self.item_21 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_21:
            self.item_21 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_21:
            self.item_21 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_21:
            self.item_21 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_21:
            self.item_21 = value
            value += 6
            self.log(value)
        return value

    def pop(self, value):
        if value > 0 and self.item_22:
            self.item_22 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_22:
            self.item_22 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_22:
            self.item_22 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_22:
            self.item_22 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_22:
            self.item_22 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_22:
            self.item_22 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_22:
            self.item_22 = value
            value += 6
            self.log(value)
        return value

    def enter(self, value):
        if value > 0 and self.item_23:
            self.item_23 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_23:
            self.item_23 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_23:
            self.item_23 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_23:
            self.item_23 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_23:
            self.item_23 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_23:
            self.item_23 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_23:
            self.item_23 = value
            value += 6
            self.log(value)
        return value

    def leave(self, value):
        if value > 0 and self.item_24:
            self.item_24 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_24:
            self.item_24 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_24:
            self.item_24 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_24:
            self.item_24 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_24:
            self.item_24 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_24:
            self.item_24 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_24:
            self.item_24 = value
            value += 6
            self.log(value)
        return value

    def begin(self, value):
        if value > 0 and self.item_25:
            self.item_25 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_25:
            self.item_25 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_25:
            self.item_25 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_25:
            self.item_25 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_25:
            self.item_25 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_25:
            self.item_25 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_25:
            self.item_25 = value
            value += 6
            self.log(value)
        return value

    def end(self, value):
        if value > 0 and self.item_26:
            self.item_26 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_26:
            self.item_26 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_26:
            self.item_26 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_26:
            self.item_26 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_26:
            self.item_26 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_26:
            self.item_26 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_26:
            self.item_26 = value
            value += 6
            self.log(value)
        return value

    def update(self, value):
        if value > 0 and self.item_27:
            self.item_27 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_27:
            self.item_27 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_27:
            self.item_27 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_27:
            self.item_27 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_27:
            self.item_27 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_27:
            self.item_27 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_27:
            self.item_27 = value
            value += 6
            self.log(value)
        return value

    def capture(self, value):
        if value > 0 and self.item_28:
            self.item_28 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_28:
            self.item_28 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_28:
            self.item_28 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_28:
            self.item_28 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_28:
            self.item_28 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_28:
            self.item_28 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_28:
            self.item_28 = value
            value += 6
            self.log(value)
        return value

    def page(self, value):
        if value > 0 and self.item_29:
            self.item_29 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_29:
            self.item_29 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_29:
            self.item_29 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_29:
            self.item_29 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_29:
            self.item_29 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_29:
            self.item_29 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_29:
            self.item_29 = value
            value += 6
            self.log(value)
        return value


class Visitor:  # ok: god-class
    def visit_render(self, value):
        if value > 0 and self.item_0:
            self.item_0 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_0:
            self.item_0 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_0:
            self.item_0 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_0:
            self.item_0 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_0:
            self.item_0 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_0:
            self.item_0 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_0:
            self.item_0 = value
            value += 6
            self.log(value)
        return value

    def visit_export(self, value):
        if value > 0 and self.item_1:
            self.item_1 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_1:
            self.item_1 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_1:
            self.item_1 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_1:
            self.item_1 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_1:
            self.item_1 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_1:
            self.item_1 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_1:
            self.item_1 = value
            value += 6
            self.log(value)
        return value

    def visit_read(self, value):
        if value > 0 and self.item_2:
            self.item_2 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_2:
            self.item_2 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_2:
            self.item_2 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_2:
            self.item_2 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_2:
            self.item_2 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_2:
            self.item_2 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_2:
            self.item_2 = value
            value += 6
            self.log(value)
        return value

    def visit_write(self, value):
        if value > 0 and self.item_3:
            self.item_3 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_3:
            self.item_3 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_3:
            self.item_3 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_3:
            self.item_3 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_3:
            self.item_3 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_3:
            self.item_3 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_3:
            self.item_3 = value
            value += 6
            self.log(value)
        return value

    def visit_animate(self, value):
        if value > 0 and self.item_4:
            self.item_4 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_4:
            self.item_4 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_4:
            self.item_4 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_4:
            self.item_4 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_4:
            self.item_4 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_4:
            self.item_4 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_4:
            self.item_4 = value
            value += 6
            self.log(value)
        return value

    def visit_theme(self, value):
        if value > 0 and self.item_5:
            self.item_5 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_5:
            self.item_5 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_5:
            self.item_5 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_5:
            self.item_5 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_5:
            self.item_5 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_5:
            self.item_5 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_5:
            self.item_5 = value
            value += 6
            self.log(value)
        return value

    def visit_measure(self, value):
        if value > 0 and self.item_6:
            self.item_6 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_6:
            self.item_6 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_6:
            self.item_6 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_6:
            self.item_6 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_6:
            self.item_6 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_6:
            self.item_6 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_6:
            self.item_6 = value
            value += 6
            self.log(value)
        return value

    def visit_wrap(self, value):
        if value > 0 and self.item_7:
            self.item_7 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_7:
            self.item_7 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_7:
            self.item_7 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_7:
            self.item_7 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_7:
            self.item_7 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_7:
            self.item_7 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_7:
            self.item_7 = value
            value += 6
            self.log(value)
        return value

    def visit_align(self, value):
        if value > 0 and self.item_8:
            self.item_8 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_8:
            self.item_8 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_8:
            self.item_8 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_8:
            self.item_8 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_8:
            self.item_8 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_8:
            self.item_8 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_8:
            self.item_8 = value
            value += 6
            self.log(value)
        return value

    def visit_style(self, value):
        if value > 0 and self.item_9:
            self.item_9 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_9:
            self.item_9 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_9:
            self.item_9 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_9:
            self.item_9 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_9:
            self.item_9 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_9:
            self.item_9 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_9:
            self.item_9 = value
            value += 6
            self.log(value)
        return value

    def visit_print(self, value):
        if value > 0 and self.item_10:
            self.item_10 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_10:
            self.item_10 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_10:
            self.item_10 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_10:
            self.item_10 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_10:
            self.item_10 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_10:
            self.item_10 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_10:
            self.item_10 = value
            value += 6
            self.log(value)
        return value

    def visit_log(self, value):
        if value > 0 and self.item_11:
            self.item_11 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_11:
            self.item_11 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_11:
            self.item_11 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_11:
            self.item_11 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_11:
            self.item_11 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_11:
            self.item_11 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_11:
            self.item_11 = value
            value += 6
            self.log(value)
        return value

    def visit_record(self, value):
        if value > 0 and self.item_12:
            self.item_12 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_12:
            self.item_12 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_12:
            self.item_12 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_12:
            self.item_12 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_12:
            self.item_12 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_12:
            self.item_12 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_12:
            self.item_12 = value
            value += 6
            self.log(value)
        return value

    def visit_open(self, value):
        if value > 0 and self.item_13:
            self.item_13 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_13:
            self.item_13 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_13:
            self.item_13 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_13:
            self.item_13 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_13:
            self.item_13 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_13:
            self.item_13 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_13:
            self.item_13 = value
            value += 6
            self.log(value)
        return value

    def visit_close(self, value):
        if value > 0 and self.item_14:
            self.item_14 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_14:
            self.item_14 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_14:
            self.item_14 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_14:
            self.item_14 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_14:
            self.item_14 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_14:
            self.item_14 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_14:
            self.item_14 = value
            value += 6
            self.log(value)
        return value

    def visit_lock(self, value):
        if value > 0 and self.item_15:
            self.item_15 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_15:
            self.item_15 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_15:
            self.item_15 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_15:
            self.item_15 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_15:
            self.item_15 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_15:
            self.item_15 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_15:
            self.item_15 = value
            value += 6
            self.log(value)
        return value

    def visit_size(self, value):
        if value > 0 and self.item_16:
            self.item_16 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_16:
            self.item_16 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_16:
            self.item_16 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_16:
            self.item_16 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_16:
            self.item_16 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_16:
            self.item_16 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_16:
            self.item_16 = value
            value += 6
            self.log(value)
        return value

    def visit_clear(self, value):
        if value > 0 and self.item_17:
            self.item_17 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_17:
            self.item_17 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_17:
            self.item_17 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_17:
            self.item_17 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_17:
            self.item_17 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_17:
            self.item_17 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_17:
            self.item_17 = value
            value += 6
            self.log(value)
        return value

    def visit_bell(self, value):
        if value > 0 and self.item_18:
            self.item_18 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_18:
            self.item_18 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_18:
            self.item_18 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_18:
            self.item_18 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_18:
            self.item_18 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_18:
            self.item_18 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_18:
            self.item_18 = value
            value += 6
            self.log(value)
        return value

    def visit_show(self, value):
        if value > 0 and self.item_19:
            self.item_19 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_19:
            self.item_19 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_19:
            self.item_19 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_19:
            self.item_19 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_19:
            self.item_19 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_19:
            self.item_19 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_19:
            self.item_19 = value
            value += 6
            self.log(value)
        return value

    def visit_hide(self, value):
        if value > 0 and self.item_20:
            self.item_20 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_20:
            self.item_20 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_20:
            self.item_20 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_20:
            self.item_20 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_20:
            self.item_20 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_20:
            self.item_20 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_20:
            self.item_20 = value
            value += 6
            self.log(value)
        return value

    def visit_push(self, value):
        if value > 0 and self.item_21:
            self.item_21 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_21:
            self.item_21 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_21:
            self.item_21 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_21:
            self.item_21 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_21:
            self.item_21 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_21:
            self.item_21 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_21:
            self.item_21 = value
            value += 6
            self.log(value)
        return value

    def visit_pop(self, value):
        if value > 0 and self.item_22:
            self.item_22 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_22:
            self.item_22 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_22:
            self.item_22 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_22:
            self.item_22 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_22:
            self.item_22 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_22:
            self.item_22 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_22:
            self.item_22 = value
            value += 6
            self.log(value)
        return value

    def visit_enter(self, value):
        if value > 0 and self.item_23:
            self.item_23 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_23:
            self.item_23 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_23:
            self.item_23 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_23:
            self.item_23 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_23:
            self.item_23 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_23:
            self.item_23 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_23:
            self.item_23 = value
            value += 6
            self.log(value)
        return value

    def visit_leave(self, value):
        if value > 0 and self.item_24:
            self.item_24 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_24:
            self.item_24 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_24:
            self.item_24 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_24:
            self.item_24 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_24:
            self.item_24 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_24:
            self.item_24 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_24:
            self.item_24 = value
            value += 6
            self.log(value)
        return value

    def visit_begin(self, value):
        if value > 0 and self.item_25:
            self.item_25 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_25:
            self.item_25 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_25:
            self.item_25 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_25:
            self.item_25 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_25:
            self.item_25 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_25:
            self.item_25 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_25:
            self.item_25 = value
            value += 6
            self.log(value)
        return value

    def visit_end(self, value):
        if value > 0 and self.item_26:
            self.item_26 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_26:
            self.item_26 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_26:
            self.item_26 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_26:
            self.item_26 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_26:
            self.item_26 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_26:
            self.item_26 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_26:
            self.item_26 = value
            value += 6
            self.log(value)
        return value

    def visit_update(self, value):
        if value > 0 and self.item_27:
            self.item_27 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_27:
            self.item_27 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_27:
            self.item_27 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_27:
            self.item_27 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_27:
            self.item_27 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_27:
            self.item_27 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_27:
            self.item_27 = value
            value += 6
            self.log(value)
        return value

    def visit_capture(self, value):
        if value > 0 and self.item_28:
            self.item_28 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_28:
            self.item_28 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_28:
            self.item_28 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_28:
            self.item_28 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_28:
            self.item_28 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_28:
            self.item_28 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_28:
            self.item_28 = value
            value += 6
            self.log(value)
        return value

    def visit_page(self, value):
        if value > 0 and self.item_29:
            self.item_29 = value
            value += 0
            self.log(value)
        if value > 1 and self.item_29:
            self.item_29 = value
            value += 1
            self.log(value)
        if value > 2 and self.item_29:
            self.item_29 = value
            value += 2
            self.log(value)
        if value > 3 and self.item_29:
            self.item_29 = value
            value += 3
            self.log(value)
        if value > 4 and self.item_29:
            self.item_29 = value
            value += 4
            self.log(value)
        if value > 5 and self.item_29:
            self.item_29 = value
            value += 5
            self.log(value)
        if value > 6 and self.item_29:
            self.item_29 = value
            value += 6
            self.log(value)
        return value


class Documented:  # ok: god-class
    def render(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def export(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def read(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def write(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def animate(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def theme(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def measure(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def wrap(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def align(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def style(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def print(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def log(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def record(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def open(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def close(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def lock(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def size(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def clear(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def bell(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def show(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def hide(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def push(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def pop(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def enter(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def leave(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def begin(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def end(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def update(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def capture(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value

    def page(self, value):
        """What it does.
        Line 0.
        Line 1.
        Line 2.
        Line 3.
        Line 4.
        Line 5.
        Line 6.
        Line 7.
        Line 8.
        Line 9.
        Line 10.
        Line 11.
        Line 12.
        Line 13.
        Line 14.
        Line 15.
        Line 16.
        Line 17.
        Line 18.
        Line 19.
        Line 20.
        Line 21.
        Line 22.
        Line 23.
        Line 24.
        Line 25.
        """
        return value


class Small:  # ok: god-class
    def run(self):
        return 1
