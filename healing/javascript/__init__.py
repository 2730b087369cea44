"""What healing knows of JavaScript and TypeScript: tokens, syntax trees, scopes, modules, and TypeScript's own service.

Invariant: all of it but :mod:`.service` is a pure function of texts and never fails on broken ones.
"""
