# lib/host: sources of the library, and the unit tests of this folder.
libocirt_sources +=
unit_sources +=
