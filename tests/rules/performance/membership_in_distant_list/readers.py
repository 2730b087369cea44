from .stores import ListStore, Store, read, read_set


def overridden_everywhere(store, asked):
    return [each for each in asked if each in store.names()]  # bad: membership-in-distant-list


def a_set_somewhere(store, asked):
    return [each for each in asked if each in store.keys_of()]  # ok: membership-in-distant-list


def a_known_class(asked, rows):
    store = ListStore(rows)
    return [each for each in asked if each in store.keys_of()]  # bad: membership-in-distant-list


def an_annotation(store: ListStore, asked):
    kept = store.all_names()
    for each in asked:
        if each in kept:  # bad: membership-in-distant-list
            print(each)


def kept_by_those_below(store: Store, asked):
    for each in asked:
        if each not in store.labels():  # bad: membership-in-distant-list
            print(each)


def list_or_nothing(store: ListStore, asked):
    known = store.sorted_marks()
    return sum(each in known for each in asked)  # bad: membership-in-distant-list


def an_attribute(store: ListStore, asked):
    for each in asked:
        if each in store.rows:  # bad: membership-in-distant-list
            print(each)
        if each in store.marks:  # ok: membership-in-distant-list
            print(each)


def a_word_that_is_written_down(store: ListStore, asked):
    for each in asked:
        if "urgent" in store.rows:  # ok: membership-in-distant-list
            print(each)


def a_generator(store: ListStore, asked):
    return [each for each in asked if each in store.words()]  # ok: membership-in-distant-list


def a_function(path, asked):
    lines = read(path)
    return [each for each in asked if each in lines]  # bad: membership-in-distant-list


def a_function_that_gives_a_set(path, asked):
    lines = read_set(path)
    return [each for each in asked if each in lines]  # ok: membership-in-distant-list


def another_object_each_time(stores, asked):
    return [each for each, store in zip(asked, stores) if each in store.names()]  # ok: membership-in-distant-list


def nobody_knows(other, asked):
    return [each for each in asked if each in other.unheard_of()]  # ok: membership-in-distant-list


def handed(chosen, asked):
    for each in asked:
        if each in chosen:  # bad: membership-in-distant-list
            print(each)


class Reader(ListStore):
    def missing(self, asked):
        return [each for each in asked if each not in self.rows]  # bad: membership-in-distant-list

    def unlabelled(self, asked):
        labels = super().labels()
        return [each for each in asked if each not in labels]  # bad: membership-in-distant-list
