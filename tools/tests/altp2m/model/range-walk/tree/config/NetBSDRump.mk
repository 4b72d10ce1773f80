include $(XEN_ROOT)/config/StdGNU.mk

PTHREAD_LIBS =

WGET = ftp

XENSTORE_XENSTORED=n
nosharedlibs=y
