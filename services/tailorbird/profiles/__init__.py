"""Who is this, and what have they done?

An event comes in through `collecting`, which folds it into a `person` (plain data, and what events make of it); the
person is found by `identity`, rests sealed in `keeping`, and is told by `answering` with the `traits`, `segments` and
`moments` that follow. `importing` takes whole files, `rights` tells a person all of it and erases them.
"""
