# contrib: what surrounds the program: completion, engine configuration, packaging.
