# make help lists the targets.

TEST    ?=
SECONDS ?= 60
FILE    ?=
export XEN XEN_SRC V MACHINE TEST DEMO STOCK LIBVMI_SRC

.PHONY: all help graft diff contents xen xen-debug stock tools run shell bench series deb clean \
        check check-graft check-unit check-payload check-system check-clients check-series \
        check-deb model-long mutants coverage fuzz spin prove seeds stress
all: xen

help:
	@echo 'make                the hypervisor: build/xen/xen.gz'
	@echo 'make tools          the command-line tool: build/tool/xen-altp2m'
	@echo 'make run            boot it and show views at work, step by step'
	@echo 'make run DEMO=breakpoint  a breakpoint that a guest can not see'
	@echo 'make shell          boot it and give a dom0 shell'
	@echo 'make check          all tests'
	@echo 'make check-graft, check-unit, check-payload, check-system, check-clients'
	@echo '                    one kind of them, see docs/testing.md'
	@echo 'make mutants        the code, broken on purpose: each must be caught'
	@echo 'make coverage       what of mm/altp2m/ the model tests reach'
	@echo 'make model-long     ten million random steps'
	@echo 'make fuzz SECONDS=n hypercalls and sequences from libFuzzer'
	@echo 'make stress         boot after boot, two programs and the guest drive its views'
	@echo 'make spin           the models of what goes on at the same time'
	@echo 'make prove          what is proved for all inputs, and what refutes it'
	@echo 'make seeds          hypervisors with flushes missing: a boot must catch each'
	@echo 'make bench          what views cost, against stock Xen'
	@echo 'make series         patches against Xen, to be posted: build/series'
	@echo 'make check-series   build after each of them, compare with the grafted tree'
	@echo 'make deb            packages: build/deb'
	@echo 'make check-deb      install them in a scratch root, and boot from there'
	@echo 'make graft          only lay our files over Xen: build/xen/tree'
	@echo 'make diff [FILE="name ..."]  what our edits do to these files of Xen, or to all'
	@echo 'make contents       docs/tests.md, from what the test programs list'
	@echo 'make clean          delete build/ (the cache stays)'
	@echo
	@echo 'MACHINE=name        $(notdir $(wildcard config/machines/*)); run and shell'
	@echo '                    take intel, check all but ryzen, unless told'
	@echo 'TEST="name ..."     only the tests of these names'
	@echo 'XEN=4.20            another version of Xen than $(shell sed -n 's/^XEN_DEFAULT := //p' Config.mk): docs/graft.md'
	@echo 'XEN_SRC=dir         take Xen from this tree, not from the source package'
	@echo 'V=1                 show what is run'

graft: packages-build
	@tools/graft "$$(tools/xen-source)" build/xen/tree

diff: packages-build
	@tools/graft --diff "$$(tools/xen-source)" $(FILE)

xen xen-debug stock: packages-build
	@tools/build-xen $@

tools: packages-build packages-tools
	@tools/build-tools

run shell: packages-build packages-dom0 packages-tools packages-machine
	@tools/run $@

check check-graft check-unit check-payload check-system check-clients: \
		packages-build packages-dom0 packages-tools packages-machine \
		packages-check packages-spin
	@tools/check $(@:check-%=%)

contents: packages-build packages-dom0 packages-tools packages-machine
	@tools/dom0/build
	@$(MAKE) -s -C $(MODEL) OUT=$(CURDIR)/build/tests/unit $(CURDIR)/build/tests/unit/test-unit
	@tools/tests/contents

bench: packages-build packages-dom0 packages-tools packages-machine packages-bench
	@tools/bench

# The model tests: docs/model.md.
MODEL := tools/tests/altp2m/model

model-long: packages-build
	@$(MAKE) -s -C $(MODEL) long

mutants: packages-build
	@$(MAKE) -s -C $(MODEL) mutants

coverage: packages-build packages-coverage
	@$(MAKE) -s -C $(MODEL) coverage

fuzz: packages-build packages-fuzz
	@$(MAKE) -s -C $(MODEL) fuzz SECONDS=$(SECONDS)

spin: packages-build packages-spin
	@tools/tests/altp2m/spin/run build/tests/spin

seeds: packages-build packages-dom0 packages-tools packages-machine
	@tools/seeds

prove: packages-build
	@tools/tests/altp2m/prove/run build/tests/prove
	@tools/tests/altp2m/prove/run build/tests/prove --refute

stress: packages-build packages-dom0 packages-tools packages-machine
	@tools/stress

series check-series: packages-build packages-series
	@tools/series $(if $(filter check-%,$@),--check)

deb: packages-build packages-tools packages-deb
	@tools/deb/build

check-deb: deb packages-dom0 packages-machine
	@tools/tests/deb

packages-%:
	@tools/packages $*

clean:
	rm -rf build
