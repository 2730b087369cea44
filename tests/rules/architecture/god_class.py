class Everything:  # bad: god-class
    def render(self, value, other):
        if value.part_0 > 0 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 0, 0)
            self.log(value)
        if value.part_1 > 1 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 1, 0)
            self.log(value)
        if value.part_2 > 2 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 2, 0)
            self.log(value)
        if value.part_3 > 3 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 3, 0)
            self.log(value)
        if value.part_4 > 4 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 4, 0)
            self.log(value)
        if value.part_5 > 5 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 5, 0)
            self.log(value)
        if value.part_6 > 6 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 6, 0)
            self.log(value)
        if value.part_7 > 7 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 7, 0)
            self.log(value)
        if value.part_8 > 8 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 8, 0)
            self.log(value)
        return value

    def export(self, value, other):
        if value.part_0 > 0 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 0, 1)
            self.log(value)
        if value.part_1 > 1 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 1, 1)
            self.log(value)
        if value.part_2 > 2 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 2, 1)
            self.log(value)
        if value.part_3 > 3 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 3, 1)
            self.log(value)
        if value.part_4 > 4 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 4, 1)
            self.log(value)
        if value.part_5 > 5 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 5, 1)
            self.log(value)
        if value.part_6 > 6 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 6, 1)
            self.log(value)
        if value.part_7 > 7 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 7, 1)
            self.log(value)
        if value.part_8 > 8 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 8, 1)
            self.log(value)
        return value

    def read(self, value, other):
        if value.part_0 > 0 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 0, 2)
            self.log(value)
        if value.part_1 > 1 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 1, 2)
            self.log(value)
        if value.part_2 > 2 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 2, 2)
            self.log(value)
        if value.part_3 > 3 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 3, 2)
            self.log(value)
        if value.part_4 > 4 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 4, 2)
            self.log(value)
        if value.part_5 > 5 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 5, 2)
            self.log(value)
        if value.part_6 > 6 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 6, 2)
            self.log(value)
        if value.part_7 > 7 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 7, 2)
            self.log(value)
        if value.part_8 > 8 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 8, 2)
            self.log(value)
        return value

    def write(self, value, other):
        if value.part_0 > 0 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 0, 3)
            self.log(value)
        if value.part_1 > 1 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 1, 3)
            self.log(value)
        if value.part_2 > 2 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 2, 3)
            self.log(value)
        if value.part_3 > 3 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 3, 3)
            self.log(value)
        if value.part_4 > 4 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 4, 3)
            self.log(value)
        if value.part_5 > 5 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 5, 3)
            self.log(value)
        if value.part_6 > 6 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 6, 3)
            self.log(value)
        if value.part_7 > 7 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 7, 3)
            self.log(value)
        if value.part_8 > 8 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 8, 3)
            self.log(value)
        return value

    def animate(self, value, other):
        if value.part_0 > 0 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 0, 4)
            self.log(value)
        if value.part_1 > 1 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 1, 4)
            self.log(value)
        if value.part_2 > 2 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 2, 4)
            self.log(value)
        if value.part_3 > 3 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 3, 4)
            self.log(value)
        if value.part_4 > 4 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 4, 4)
            self.log(value)
        if value.part_5 > 5 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 5, 4)
            self.log(value)
        if value.part_6 > 6 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 6, 4)
            self.log(value)
        if value.part_7 > 7 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 7, 4)
            self.log(value)
        if value.part_8 > 8 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 8, 4)
            self.log(value)
        return value

    def theme(self, value, other):
        if value.part_0 > 0 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 0, 5)
            self.log(value)
        if value.part_1 > 1 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 1, 5)
            self.log(value)
        if value.part_2 > 2 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 2, 5)
            self.log(value)
        if value.part_3 > 3 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 3, 5)
            self.log(value)
        if value.part_4 > 4 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 4, 5)
            self.log(value)
        if value.part_5 > 5 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 5, 5)
            self.log(value)
        if value.part_6 > 6 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 6, 5)
            self.log(value)
        if value.part_7 > 7 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 7, 5)
            self.log(value)
        if value.part_8 > 8 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 8, 5)
            self.log(value)
        return value

    def measure(self, value, other):
        if value.part_0 > 0 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 0, 6)
            self.log(value)
        if value.part_1 > 1 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 1, 6)
            self.log(value)
        if value.part_2 > 2 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 2, 6)
            self.log(value)
        if value.part_3 > 3 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 3, 6)
            self.log(value)
        if value.part_4 > 4 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 4, 6)
            self.log(value)
        if value.part_5 > 5 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 5, 6)
            self.log(value)
        if value.part_6 > 6 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 6, 6)
            self.log(value)
        if value.part_7 > 7 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 7, 6)
            self.log(value)
        if value.part_8 > 8 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 8, 6)
            self.log(value)
        return value

    def print(self, value, other):
        if value.part_0 > 0 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 0, 7)
            self.log(value)
        if value.part_1 > 1 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 1, 7)
            self.log(value)
        if value.part_2 > 2 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 2, 7)
            self.log(value)
        if value.part_3 > 3 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 3, 7)
            self.log(value)
        if value.part_4 > 4 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 4, 7)
            self.log(value)
        if value.part_5 > 5 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 5, 7)
            self.log(value)
        if value.part_6 > 6 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 6, 7)
            self.log(value)
        if value.part_7 > 7 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 7, 7)
            self.log(value)
        if value.part_8 > 8 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 8, 7)
            self.log(value)
        return value

    def page(self, value, other):
        if value.part_0 > 0 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 0, 8)
            self.log(value)
        if value.part_1 > 1 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 1, 8)
            self.log(value)
        if value.part_2 > 2 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 2, 8)
            self.log(value)
        if value.part_3 > 3 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 3, 8)
            self.log(value)
        if value.part_4 > 4 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 4, 8)
            self.log(value)
        if value.part_5 > 5 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 5, 8)
            self.log(value)
        if value.part_6 > 6 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 6, 8)
            self.log(value)
        if value.part_7 > 7 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 7, 8)
            self.log(value)
        if value.part_8 > 8 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 8, 8)
            self.log(value)
        return value

    def clear(self, value, other):
        if value.part_0 > 0 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 0, 9)
            self.log(value)
        if value.part_1 > 1 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 1, 9)
            self.log(value)
        if value.part_2 > 2 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 2, 9)
            self.log(value)
        if value.part_3 > 3 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 3, 9)
            self.log(value)
        if value.part_4 > 4 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 4, 9)
            self.log(value)
        if value.part_5 > 5 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 5, 9)
            self.log(value)
        if value.part_6 > 6 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 6, 9)
            self.log(value)
        if value.part_7 > 7 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 7, 9)
            self.log(value)
        if value.part_8 > 8 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 8, 9)
            self.log(value)
        return value

    def cut(self, value, other):
        if value.part_0 > 0 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 0, 10)
            self.log(value)
        if value.part_1 > 1 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 1, 10)
            self.log(value)
        if value.part_2 > 2 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 2, 10)
            self.log(value)
        if value.part_3 > 3 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 3, 10)
            self.log(value)
        if value.part_4 > 4 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 4, 10)
            self.log(value)
        if value.part_5 > 5 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 5, 10)
            self.log(value)
        if value.part_6 > 6 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 6, 10)
            self.log(value)
        if value.part_7 > 7 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 7, 10)
            self.log(value)
        if value.part_8 > 8 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 8, 10)
            self.log(value)
        return value


class Visitor:  # ok: god-class
    def visit_render(self, value, other):
        if value.part_0 > 0 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 0, 0)
            self.log(value)
        if value.part_1 > 1 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 1, 0)
            self.log(value)
        if value.part_2 > 2 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 2, 0)
            self.log(value)
        if value.part_3 > 3 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 3, 0)
            self.log(value)
        if value.part_4 > 4 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 4, 0)
            self.log(value)
        if value.part_5 > 5 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 5, 0)
            self.log(value)
        if value.part_6 > 6 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 6, 0)
            self.log(value)
        if value.part_7 > 7 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 7, 0)
            self.log(value)
        if value.part_8 > 8 and self.item_0:
            self.item_0 = other.screen
            value.use(self.item_0, 8, 0)
            self.log(value)
        return value

    def visit_export(self, value, other):
        if value.part_0 > 0 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 0, 1)
            self.log(value)
        if value.part_1 > 1 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 1, 1)
            self.log(value)
        if value.part_2 > 2 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 2, 1)
            self.log(value)
        if value.part_3 > 3 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 3, 1)
            self.log(value)
        if value.part_4 > 4 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 4, 1)
            self.log(value)
        if value.part_5 > 5 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 5, 1)
            self.log(value)
        if value.part_6 > 6 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 6, 1)
            self.log(value)
        if value.part_7 > 7 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 7, 1)
            self.log(value)
        if value.part_8 > 8 and self.item_1:
            self.item_1 = other.file
            value.use(self.item_1, 8, 1)
            self.log(value)
        return value

    def visit_read(self, value, other):
        if value.part_0 > 0 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 0, 2)
            self.log(value)
        if value.part_1 > 1 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 1, 2)
            self.log(value)
        if value.part_2 > 2 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 2, 2)
            self.log(value)
        if value.part_3 > 3 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 3, 2)
            self.log(value)
        if value.part_4 > 4 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 4, 2)
            self.log(value)
        if value.part_5 > 5 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 5, 2)
            self.log(value)
        if value.part_6 > 6 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 6, 2)
            self.log(value)
        if value.part_7 > 7 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 7, 2)
            self.log(value)
        if value.part_8 > 8 and self.item_2:
            self.item_2 = other.line
            value.use(self.item_2, 8, 2)
            self.log(value)
        return value

    def visit_write(self, value, other):
        if value.part_0 > 0 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 0, 3)
            self.log(value)
        if value.part_1 > 1 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 1, 3)
            self.log(value)
        if value.part_2 > 2 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 2, 3)
            self.log(value)
        if value.part_3 > 3 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 3, 3)
            self.log(value)
        if value.part_4 > 4 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 4, 3)
            self.log(value)
        if value.part_5 > 5 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 5, 3)
            self.log(value)
        if value.part_6 > 6 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 6, 3)
            self.log(value)
        if value.part_7 > 7 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 7, 3)
            self.log(value)
        if value.part_8 > 8 and self.item_3:
            self.item_3 = other.row
            value.use(self.item_3, 8, 3)
            self.log(value)
        return value

    def visit_animate(self, value, other):
        if value.part_0 > 0 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 0, 4)
            self.log(value)
        if value.part_1 > 1 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 1, 4)
            self.log(value)
        if value.part_2 > 2 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 2, 4)
            self.log(value)
        if value.part_3 > 3 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 3, 4)
            self.log(value)
        if value.part_4 > 4 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 4, 4)
            self.log(value)
        if value.part_5 > 5 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 5, 4)
            self.log(value)
        if value.part_6 > 6 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 6, 4)
            self.log(value)
        if value.part_7 > 7 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 7, 4)
            self.log(value)
        if value.part_8 > 8 and self.item_4:
            self.item_4 = other.frame
            value.use(self.item_4, 8, 4)
            self.log(value)
        return value

    def visit_theme(self, value, other):
        if value.part_0 > 0 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 0, 5)
            self.log(value)
        if value.part_1 > 1 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 1, 5)
            self.log(value)
        if value.part_2 > 2 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 2, 5)
            self.log(value)
        if value.part_3 > 3 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 3, 5)
            self.log(value)
        if value.part_4 > 4 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 4, 5)
            self.log(value)
        if value.part_5 > 5 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 5, 5)
            self.log(value)
        if value.part_6 > 6 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 6, 5)
            self.log(value)
        if value.part_7 > 7 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 7, 5)
            self.log(value)
        if value.part_8 > 8 and self.item_5:
            self.item_5 = other.style
            value.use(self.item_5, 8, 5)
            self.log(value)
        return value

    def visit_measure(self, value, other):
        if value.part_0 > 0 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 0, 6)
            self.log(value)
        if value.part_1 > 1 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 1, 6)
            self.log(value)
        if value.part_2 > 2 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 2, 6)
            self.log(value)
        if value.part_3 > 3 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 3, 6)
            self.log(value)
        if value.part_4 > 4 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 4, 6)
            self.log(value)
        if value.part_5 > 5 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 5, 6)
            self.log(value)
        if value.part_6 > 6 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 6, 6)
            self.log(value)
        if value.part_7 > 7 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 7, 6)
            self.log(value)
        if value.part_8 > 8 and self.item_6:
            self.item_6 = other.width
            value.use(self.item_6, 8, 6)
            self.log(value)
        return value

    def visit_print(self, value, other):
        if value.part_0 > 0 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 0, 7)
            self.log(value)
        if value.part_1 > 1 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 1, 7)
            self.log(value)
        if value.part_2 > 2 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 2, 7)
            self.log(value)
        if value.part_3 > 3 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 3, 7)
            self.log(value)
        if value.part_4 > 4 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 4, 7)
            self.log(value)
        if value.part_5 > 5 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 5, 7)
            self.log(value)
        if value.part_6 > 6 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 6, 7)
            self.log(value)
        if value.part_7 > 7 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 7, 7)
            self.log(value)
        if value.part_8 > 8 and self.item_7:
            self.item_7 = other.text
            value.use(self.item_7, 8, 7)
            self.log(value)
        return value

    def visit_page(self, value, other):
        if value.part_0 > 0 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 0, 8)
            self.log(value)
        if value.part_1 > 1 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 1, 8)
            self.log(value)
        if value.part_2 > 2 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 2, 8)
            self.log(value)
        if value.part_3 > 3 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 3, 8)
            self.log(value)
        if value.part_4 > 4 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 4, 8)
            self.log(value)
        if value.part_5 > 5 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 5, 8)
            self.log(value)
        if value.part_6 > 6 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 6, 8)
            self.log(value)
        if value.part_7 > 7 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 7, 8)
            self.log(value)
        if value.part_8 > 8 and self.item_8:
            self.item_8 = other.list
            value.use(self.item_8, 8, 8)
            self.log(value)
        return value

    def visit_clear(self, value, other):
        if value.part_0 > 0 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 0, 9)
            self.log(value)
        if value.part_1 > 1 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 1, 9)
            self.log(value)
        if value.part_2 > 2 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 2, 9)
            self.log(value)
        if value.part_3 > 3 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 3, 9)
            self.log(value)
        if value.part_4 > 4 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 4, 9)
            self.log(value)
        if value.part_5 > 5 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 5, 9)
            self.log(value)
        if value.part_6 > 6 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 6, 9)
            self.log(value)
        if value.part_7 > 7 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 7, 9)
            self.log(value)
        if value.part_8 > 8 and self.item_9:
            self.item_9 = other.cache
            value.use(self.item_9, 8, 9)
            self.log(value)
        return value

    def visit_cut(self, value, other):
        if value.part_0 > 0 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 0, 10)
            self.log(value)
        if value.part_1 > 1 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 1, 10)
            self.log(value)
        if value.part_2 > 2 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 2, 10)
            self.log(value)
        if value.part_3 > 3 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 3, 10)
            self.log(value)
        if value.part_4 > 4 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 4, 10)
            self.log(value)
        if value.part_5 > 5 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 5, 10)
            self.log(value)
        if value.part_6 > 6 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 6, 10)
            self.log(value)
        if value.part_7 > 7 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 7, 10)
            self.log(value)
        if value.part_8 > 8 and self.item_10:
            self.item_10 = other.edge
            value.use(self.item_10, 8, 10)
            self.log(value)
        return value


class Cohesive:  # ok: god-class
    def render(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.screen
            value.use(self.item, 0, 0)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.screen
            value.use(self.item, 1, 0)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.screen
            value.use(self.item, 2, 0)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.screen
            value.use(self.item, 3, 0)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.screen
            value.use(self.item, 4, 0)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.screen
            value.use(self.item, 5, 0)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.screen
            value.use(self.item, 6, 0)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.screen
            value.use(self.item, 7, 0)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.screen
            value.use(self.item, 8, 0)
            self.log(value)
        return value

    def export(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.file
            value.use(self.item, 0, 1)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.file
            value.use(self.item, 1, 1)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.file
            value.use(self.item, 2, 1)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.file
            value.use(self.item, 3, 1)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.file
            value.use(self.item, 4, 1)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.file
            value.use(self.item, 5, 1)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.file
            value.use(self.item, 6, 1)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.file
            value.use(self.item, 7, 1)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.file
            value.use(self.item, 8, 1)
            self.log(value)
        return value

    def read(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.line
            value.use(self.item, 0, 2)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.line
            value.use(self.item, 1, 2)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.line
            value.use(self.item, 2, 2)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.line
            value.use(self.item, 3, 2)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.line
            value.use(self.item, 4, 2)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.line
            value.use(self.item, 5, 2)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.line
            value.use(self.item, 6, 2)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.line
            value.use(self.item, 7, 2)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.line
            value.use(self.item, 8, 2)
            self.log(value)
        return value

    def write(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.row
            value.use(self.item, 0, 3)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.row
            value.use(self.item, 1, 3)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.row
            value.use(self.item, 2, 3)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.row
            value.use(self.item, 3, 3)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.row
            value.use(self.item, 4, 3)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.row
            value.use(self.item, 5, 3)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.row
            value.use(self.item, 6, 3)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.row
            value.use(self.item, 7, 3)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.row
            value.use(self.item, 8, 3)
            self.log(value)
        return value

    def animate(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.frame
            value.use(self.item, 0, 4)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.frame
            value.use(self.item, 1, 4)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.frame
            value.use(self.item, 2, 4)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.frame
            value.use(self.item, 3, 4)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.frame
            value.use(self.item, 4, 4)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.frame
            value.use(self.item, 5, 4)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.frame
            value.use(self.item, 6, 4)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.frame
            value.use(self.item, 7, 4)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.frame
            value.use(self.item, 8, 4)
            self.log(value)
        return value

    def theme(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.style
            value.use(self.item, 0, 5)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.style
            value.use(self.item, 1, 5)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.style
            value.use(self.item, 2, 5)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.style
            value.use(self.item, 3, 5)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.style
            value.use(self.item, 4, 5)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.style
            value.use(self.item, 5, 5)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.style
            value.use(self.item, 6, 5)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.style
            value.use(self.item, 7, 5)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.style
            value.use(self.item, 8, 5)
            self.log(value)
        return value

    def measure(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.width
            value.use(self.item, 0, 6)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.width
            value.use(self.item, 1, 6)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.width
            value.use(self.item, 2, 6)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.width
            value.use(self.item, 3, 6)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.width
            value.use(self.item, 4, 6)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.width
            value.use(self.item, 5, 6)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.width
            value.use(self.item, 6, 6)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.width
            value.use(self.item, 7, 6)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.width
            value.use(self.item, 8, 6)
            self.log(value)
        return value

    def print(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.text
            value.use(self.item, 0, 7)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.text
            value.use(self.item, 1, 7)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.text
            value.use(self.item, 2, 7)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.text
            value.use(self.item, 3, 7)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.text
            value.use(self.item, 4, 7)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.text
            value.use(self.item, 5, 7)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.text
            value.use(self.item, 6, 7)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.text
            value.use(self.item, 7, 7)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.text
            value.use(self.item, 8, 7)
            self.log(value)
        return value

    def page(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.list
            value.use(self.item, 0, 8)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.list
            value.use(self.item, 1, 8)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.list
            value.use(self.item, 2, 8)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.list
            value.use(self.item, 3, 8)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.list
            value.use(self.item, 4, 8)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.list
            value.use(self.item, 5, 8)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.list
            value.use(self.item, 6, 8)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.list
            value.use(self.item, 7, 8)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.list
            value.use(self.item, 8, 8)
            self.log(value)
        return value

    def clear(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.cache
            value.use(self.item, 0, 9)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.cache
            value.use(self.item, 1, 9)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.cache
            value.use(self.item, 2, 9)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.cache
            value.use(self.item, 3, 9)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.cache
            value.use(self.item, 4, 9)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.cache
            value.use(self.item, 5, 9)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.cache
            value.use(self.item, 6, 9)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.cache
            value.use(self.item, 7, 9)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.cache
            value.use(self.item, 8, 9)
            self.log(value)
        return value

    def cut(self, value, other):
        if value.part_0 > 0 and self.item:
            self.item = other.edge
            value.use(self.item, 0, 10)
            self.log(value)
        if value.part_1 > 1 and self.item:
            self.item = other.edge
            value.use(self.item, 1, 10)
            self.log(value)
        if value.part_2 > 2 and self.item:
            self.item = other.edge
            value.use(self.item, 2, 10)
            self.log(value)
        if value.part_3 > 3 and self.item:
            self.item = other.edge
            value.use(self.item, 3, 10)
            self.log(value)
        if value.part_4 > 4 and self.item:
            self.item = other.edge
            value.use(self.item, 4, 10)
            self.log(value)
        if value.part_5 > 5 and self.item:
            self.item = other.edge
            value.use(self.item, 5, 10)
            self.log(value)
        if value.part_6 > 6 and self.item:
            self.item = other.edge
            value.use(self.item, 6, 10)
            self.log(value)
        if value.part_7 > 7 and self.item:
            self.item = other.edge
            value.use(self.item, 7, 10)
            self.log(value)
        if value.part_8 > 8 and self.item:
            self.item = other.edge
            value.use(self.item, 8, 10)
            self.log(value)
        return value


class Depot:  # bad: god-class
    """Fewer paths than the others, but twenty-eight fields that few methods share."""

    def __init__(self, config):
        self.config = config
        self.ledgers = {}
        self.ledger_limit = config.ledger_limit
        self.parcels = {}
        self.parcel_limit = config.parcel_limit
        self.couriers = {}
        self.courier_limit = config.courier_limit
        self.invoices = {}
        self.invoice_limit = config.invoice_limit
        self.refunds = {}
        self.refund_limit = config.refund_limit
        self.shelfs = {}
        self.shelf_limit = config.shelf_limit
        self.pallets = {}
        self.pallet_limit = config.pallet_limit
        self.drivers = {}
        self.driver_limit = config.driver_limit
        self.coupons = {}
        self.coupon_limit = config.coupon_limit
        self.tickets = {}
        self.ticket_limit = config.ticket_limit
        self.surveys = {}
        self.survey_limit = config.survey_limit
        self.budgets = {}
        self.budget_limit = config.budget_limit
        self.rosters = {}
        self.roster_limit = config.roster_limit
        self.claims = {}
        self.claim_limit = config.claim_limit

    def enter_ledger(self, ledger, clerk, day):
        known = self.ledgers.get(ledger.number)
        if known is None:
            known = self.ledgers[ledger.number] = []
        if ledger.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.ledger_limit:
            print('too many of ledger', ledger.number)
            return None
        noted = []
        for name in known:
            if name == ledger.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('ledger on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(ledger.colour)
        return text

    def release_parcel(self, parcel, clerk, day):
        known = self.parcels.get(parcel.number)
        if known is None:
            known = self.parcels[parcel.number] = []
        if parcel.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.parcel_limit:
            print('too many of parcel', parcel.number)
            return None
        noted = []
        for name in known:
            if name == parcel.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('parcel on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(parcel.colour)
        return text

    def assign_courier(self, courier, clerk, day):
        known = self.couriers.get(courier.number)
        if known is None:
            known = self.couriers[courier.number] = []
        if courier.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.courier_limit:
            print('too many of courier', courier.number)
            return None
        noted = []
        for name in known:
            if name == courier.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('courier on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(courier.colour)
        return text

    def settle_invoice(self, invoice, clerk, day):
        known = self.invoices.get(invoice.number)
        if known is None:
            known = self.invoices[invoice.number] = []
        if invoice.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.invoice_limit:
            print('too many of invoice', invoice.number)
            return None
        noted = []
        for name in known:
            if name == invoice.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('invoice on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(invoice.colour)
        return text

    def approve_refund(self, refund, clerk, day):
        known = self.refunds.get(refund.number)
        if known is None:
            known = self.refunds[refund.number] = []
        if refund.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.refund_limit:
            print('too many of refund', refund.number)
            return None
        noted = []
        for name in known:
            if name == refund.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('refund on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(refund.colour)
        return text

    def restock_shelf(self, shelf, clerk, day):
        known = self.shelfs.get(shelf.number)
        if known is None:
            known = self.shelfs[shelf.number] = []
        if shelf.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.shelf_limit:
            print('too many of shelf', shelf.number)
            return None
        noted = []
        for name in known:
            if name == shelf.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('shelf on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(shelf.colour)
        return text

    def stack_pallet(self, pallet, clerk, day):
        known = self.pallets.get(pallet.number)
        if known is None:
            known = self.pallets[pallet.number] = []
        if pallet.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.pallet_limit:
            print('too many of pallet', pallet.number)
            return None
        noted = []
        for name in known:
            if name == pallet.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('pallet on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(pallet.colour)
        return text

    def dispatch_driver(self, driver, clerk, day):
        known = self.drivers.get(driver.number)
        if known is None:
            known = self.drivers[driver.number] = []
        if driver.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.driver_limit:
            print('too many of driver', driver.number)
            return None
        noted = []
        for name in known:
            if name == driver.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('driver on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(driver.colour)
        return text

    def redeem_coupon(self, coupon, clerk, day):
        known = self.coupons.get(coupon.number)
        if known is None:
            known = self.coupons[coupon.number] = []
        if coupon.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.coupon_limit:
            print('too many of coupon', coupon.number)
            return None
        noted = []
        for name in known:
            if name == coupon.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('coupon on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(coupon.colour)
        return text

    def resolve_ticket(self, ticket, clerk, day):
        known = self.tickets.get(ticket.number)
        if known is None:
            known = self.tickets[ticket.number] = []
        if ticket.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.ticket_limit:
            print('too many of ticket', ticket.number)
            return None
        noted = []
        for name in known:
            if name == ticket.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('ticket on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(ticket.colour)
        return text

    def collect_survey(self, survey, clerk, day):
        known = self.surveys.get(survey.number)
        if known is None:
            known = self.surveys[survey.number] = []
        if survey.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.survey_limit:
            print('too many of survey', survey.number)
            return None
        noted = []
        for name in known:
            if name == survey.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('survey on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(survey.colour)
        return text

    def plan_budget(self, budget, clerk, day):
        known = self.budgets.get(budget.number)
        if known is None:
            known = self.budgets[budget.number] = []
        if budget.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.budget_limit:
            print('too many of budget', budget.number)
            return None
        noted = []
        for name in known:
            if name == budget.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('budget on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(budget.colour)
        return text

    def publish_roster(self, roster, clerk, day):
        known = self.rosters.get(roster.number)
        if known is None:
            known = self.rosters[roster.number] = []
        if roster.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.roster_limit:
            print('too many of roster', roster.number)
            return None
        noted = []
        for name in known:
            if name == roster.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('roster on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(roster.colour)
        return text

    def examine_claim(self, claim, clerk, day):
        known = self.claims.get(claim.number)
        if known is None:
            known = self.claims[claim.number] = []
        if claim.urgent:
            known.insert(len(known) // 2, clerk.name)
        else:
            known.append(clerk.name)
        if len(known) > self.claim_limit:
            print('too many of claim', claim.number)
            return None
        noted = []
        for name in known:
            if name == claim.owner:
                noted.append(name.upper())
                continue
            noted.append(name)
        text = ', '.join(noted)
        if day.holiday:
            print('claim on a holiday', text)
            print('somebody has to look at it again')
        print(clerk.desk)
        print(day.number)
        print(day.weather)
        print(clerk.grade)
        print(claim.colour)
        return text
