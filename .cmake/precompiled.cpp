// An object library needs a source; what counts is the precompiled header that comes with it.
