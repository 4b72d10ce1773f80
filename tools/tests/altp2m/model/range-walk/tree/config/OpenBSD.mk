include $(XEN_ROOT)/config/StdGNU.mk

XEN_ELF_SUB_FLAVOR = _obsd
