/* What the Python package uses of Xen's own libraries, for cffi. */
typedef struct xc_interface_core xc_interface;
struct xs_handle;

xc_interface *xc_interface_open(void *logger, void *dombuild_logger,
                                unsigned flags);
int xc_interface_close(xc_interface *xch);
void *xc_monitor_enable(xc_interface *xch, uint32_t domid, uint32_t *port);
int xc_monitor_disable(xc_interface *xch, uint32_t domid);
int xc_monitor_software_breakpoint(xc_interface *xch, uint32_t domid,
                                   bool enable);
int xc_monitor_singlestep(xc_interface *xch, uint32_t domid, bool enable);
int xc_domain_pause(xc_interface *xch, uint32_t domid);
int xc_domain_unpause(xc_interface *xch, uint32_t domid);

struct xs_handle *xs_open(unsigned long flags);
void xs_close(struct xs_handle *h);
char **xs_directory(struct xs_handle *h, uint32_t t, const char *path,
                    unsigned int *num);
void *xs_read(struct xs_handle *h, uint32_t t, const char *path,
              unsigned int *len);

void free(void *memory);
int munmap(void *memory, size_t size);
