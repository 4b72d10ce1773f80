include $(XEN_ROOT)/config/StdGNU.mk

WGET = ftp
