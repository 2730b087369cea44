"""Reading Rust and Go: the trees, names and values that repairs of compiled languages share."""
