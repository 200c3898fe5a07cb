# contrib: what surrounds the program: the demo bundle, completion, engine configuration, packaging.
EXTRA_DIST += contrib/make-demo
