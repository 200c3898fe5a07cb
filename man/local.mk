# man: the manual pages, written by hand (mdoc): one of the program, one for each command.
dist_man_MANS += man/rt.1 man/rt-check.1 man/rt-checkpoint.1 man/rt-completion.1 man/rt-create.1 man/rt-delete.1 \
	man/rt-events.1 man/rt-exec.1 man/rt-explain.1 man/rt-features.1 man/rt-help.1 man/rt-kill.1 \
	man/rt-list.1 man/rt-pause.1 man/rt-ps.1 man/rt-restore.1 man/rt-resume.1 man/rt-run.1 man/rt-spec.1 \
	man/rt-start.1 man/rt-state.1 man/rt-stats.1 man/rt-update.1
