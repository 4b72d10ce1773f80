# make help lists the targets.

TEST    ?=
SECONDS ?= 60
FILE    ?=
export XEN XEN_SRC OLDER_XEN RELEASE V MACHINE TEST DEMO STOCK LIBVMI DRAKVUF ASSUME_YES MATRIX MATRIX_SRC

.PHONY: all help graft diff contents xen xen-debug stock tools run shell ready bench series deb clean \
        check check-graft check-unit check-payload check-system check-clients check-speed check-long check-series \
        check-deb check-first-run matrix model-long mutants coverage fuzz spin prove seeds stress
all: xen

help:
	@echo 'make                the hypervisor: build/xen/xen.gz'
	@echo 'make tools          the command-line tool: build/tool/xen-altp2m'
	@echo 'make run            boot it and show views at work, step by step'
	@echo 'make run DEMO=breakpoint  a breakpoint that a guest can not see'
	@echo 'make shell          boot it and give a dom0 shell; with TEST=1, all tests are there'
	@echo '                    FILES=dir: its files, say a program of yours, are in /files there'
	@echo '                    STOCK=1: on a stock Xen, to see what it lacks'
	@echo 'make ready          what run and shell need, built and not booted'
	@echo 'make check          all tests'
	@echo 'make check-graft, check-unit, check-payload, check-system, check-clients, check-speed'
	@echo '                    one kind of them, see docs/testing.md'
	@echo 'make check-long     what takes too long for make check: the seeds, two CPUs, random steps'
	@echo 'make mutants        the code, broken on purpose: each must be caught'
	@echo 'make coverage       what of mm/altp2m/ the model tests reach'
	@echo 'make model-long     ten million random steps'
	@echo 'make fuzz SECONDS=n hypercalls and sequences from libFuzzer'
	@echo 'make stress         boot after boot, two programs and the guest drive its views'
	@echo 'make spin           the models of what goes on at the same time'
	@echo 'make prove          what is proved for all inputs, and what refutes it'
	@echo 'make seeds          hypervisors with flushes missing: a boot must catch each'
	@echo 'make bench          what views cost, against stock Xen'
	@echo 'make matrix         builds of each version of Xen in each configuration: docs/versions.md'
	@echo 'make series         patches against Xen'"'"'s staging (XEN_SRC=), to be posted: build/series'
	@echo 'make check-series   build after each of them, compare with the grafted tree'
	@echo 'make deb            packages, and their source package: build/deb'
	@echo 'make check-deb      install, upgrade and remove them in a bare root; boot what is in them'
	@echo '                    RELEASE=trixie: for that release of the distribution, built in a bare root'
	@echo '                    OLDER_XEN=1: though the distribution has a newer hypervisor'
	@echo 'make check-first-run  the steps of the Containerfile, in a bare root; and how long'
	@echo 'make graft          only lay our files over Xen: build/xen/tree'
	@echo 'make diff [FILE="name ..."]  what our edits do to these files of Xen, or to all'
	@echo 'make contents       docs/tests.md, from what the test programs list'
	@echo 'make clean          delete build/ (the cache stays)'
	@echo
	@echo 'MACHINE=name        $(notdir $(wildcard config/machines/*)); run and shell'
	@echo '                    take amd, check those of docs/testing.md, unless told'
	@echo 'ASSUME_YES=1        install missing packages without asking'
	@echo 'TEST="name ..."     only the tests of these names'
	@echo 'XEN=4.20            another version of Xen than $(shell sed -n 's/^XEN_DEFAULT := //p' Config.mk): docs/versions.md'
	@echo 'XEN_SRC=dir         take Xen from this tree, not from the source package'
	@echo 'V=1                 show what is run'

# What a target needs: installed, with one question for all of it.
need = @tools/packages

# All that boots need, and what is tested in them.
machines = dom0 tests tools qemu bochs

# The emulator of MACHINE; tools/run says what is taken unless told.
machine  = $(or $(MACHINE),$(if $(filter breakpoint,$(DEMO)),intel,amd))
emulator = $(shell sed -n 's/^emulator *= *//p' config/machines/$(machine))

graft:
	$(need) build
	@tools/graft "$$(tools/xen-source)" build/xen/tree

diff:
	$(need) build
	@tools/graft --diff "$$(tools/xen-source)" $(FILE)

xen xen-debug stock:
	$(need) build
	@tools/build-xen $@

tools:
	$(need) build tools
	@tools/build-tools

# Not all of it is installed before Xen is compiled.
more = dom0 tools $(emulator) $(if $(TEST),tests)

run shell ready:
	$(need) --first build $(more)
	@tools/run $@ $(more)

check check-graft check-unit check-payload check-system check-clients check-speed:
	$(need) build $(machines) check spin
	@tools/check $(@:check-%=%)

contents:
	$(need) build $(machines)
	@tools/dom0/build
	@$(MAKE) -s -C $(MODEL) OUT=$(CURDIR)/build/tests/unit \
	    $(addprefix $(CURDIR)/build/tests/unit/test-,unit library)
	@tools/tests/contents

bench:
	$(need) build $(machines) bench
	@tools/bench

# The model tests: docs/model.md.
MODEL := tools/tests/altp2m/model

model-long:
	$(need) build
	@$(MAKE) -s -C $(MODEL) long

mutants:
	$(need) build
	@$(MAKE) -s -C $(MODEL) mutants

coverage:
	$(need) build coverage
	@$(MAKE) -s -C $(MODEL) coverage

fuzz:
	$(need) build fuzz
	@$(MAKE) -s -C $(MODEL) fuzz SECONDS=$(SECONDS)

spin:
	$(need) build spin
	@tools/tests/altp2m/spin/run build/tests/spin

seeds:
	$(need) build $(machines)
	@tools/seeds

check-long:
	$(need) build check $(machines)
	@status=0; tools/check long || status=1; \
	$(MAKE) -s -C $(MODEL) long || status=1; tools/seeds || status=1; exit $$status

prove:
	$(need) build
	@tools/tests/altp2m/prove/run $(CURDIR)/build/tests/prove
	@tools/tests/altp2m/prove/run $(CURDIR)/build/tests/prove --refute

stress:
	$(need) build $(machines)
	@tools/stress

matrix:
	$(need) build matrix
	@tools/matrix

series check-series:
	$(need) build series
	@$(if $(filter check-%,$@),tools/tests/series,tools/series)

deb:
	$(need) build tools deb
	@tools/deb/build

check-deb:
	$(need) build tools deb first-run $(machines)
	@tools/tests/deb

check-first-run:
	@tools/tests/first-run

clean:
	rm -rf build
