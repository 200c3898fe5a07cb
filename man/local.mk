# man: the manual pages, written by hand (mdoc).
dist_man_MANS += man/rt.1
