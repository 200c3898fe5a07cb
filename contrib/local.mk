# contrib: what surrounds the program: the demo bundle, completion, engine configuration, packaging.
EXTRA_DIST += contrib/make-demo contrib/engines/podman-rt.conf \
	contrib/engines/containerd-rt.toml contrib/engines/docker-daemon.json \
	contrib/engines/crio-rt.conf contrib/engines/runtimeclass.yaml

# Shell completion is printed by the rt that was built, where that can run.
if !CROSS
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = contrib/completion/bash/rt
nodist_zshcompletion_DATA = contrib/completion/zsh/_rt
nodist_fishcompletion_DATA = contrib/completion/fish/rt.fish
completions = $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) \
	$(nodist_fishcompletion_DATA)

# The folder is the name of the shell.
$(completions): rt$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		./rt$(EXEEXT) completion $(notdir $(@D)) >$@.new && mv $@.new $@

CLEANFILES += $(completions)
endif
