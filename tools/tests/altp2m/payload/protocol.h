/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a payload guest and a test program in dom0 agree on.
 *
 * Each vCPU of the guest owns one page, its slot, in which dom0 leaves a
 * command and the guest leaves the answer.  dom0 reaches the slots by mapping
 * them as foreign frames, that is through the host's map; the guest reaches
 * them through whatever view it runs in.  A test that takes rights away from
 * a slot's gfn, or remaps it, makes the guest deaf.
 */
#ifndef ALTP2M_TEST_PROTOCOL_H
#define ALTP2M_TEST_PROTOCOL_H

#include <stdint.h>

#define PAYLOAD_MAGIC       0x3232656777656976ULL

#define PAYLOAD_MAX_VCPUS   4

/* Where things are in the guest's physical address space. */
#define PAYLOAD_SLOTS       0x200000ULL  /* one page a vCPU */
#define PAYLOAD_VE_INFO     0x208000ULL  /* one page a vCPU, for #VE */
#define PAYLOAD_BUFFER      0x210000ULL  /* arguments of hypercalls */
#define PAYLOAD_BUFFER_SIZE 0x10000ULL
#define PAYLOAD_END         0x400000ULL  /* the guest itself stays below this */

/*
 * A page of instructions that a test may call (CMD_EXEC): the payload fills it
 * with "return the 64-bit number at the end of this page", so that the value
 * tells which frame was executed.
 */
#define PAYLOAD_CODE_VALUE  0xff8

enum payload_command
{
    CMD_NOP,
    CMD_READ,         /* gpa -> value */
    CMD_WRITE,        /* gpa, value */
    CMD_SUM,          /* gpa, pages -> sum of first words, ticks it took */
    CMD_FILL,         /* gpa, pages, seed: first words of pages -> ticks it took */
    CMD_VERIFY,       /* gpa, pages, seed -> wrong pages, first wrong gpa, value */
    CMD_MAKE_CODE,    /* gpa, value: a page for CMD_EXEC */
    CMD_EXEC,         /* gpa -> what the code returned */
    CMD_WATCH,        /* gpa, write: read (and write) until the next command */
    CMD_SWEEP,        /* gpa, pages: CMD_SUM until the next command */
    CMD_CHECKSUM,     /* gpa, words, rounds -> checksum kept, computed anew */
    CMD_CHECKSUM_FLAT, /* the same with paging off, of 32-bit words */
    CMD_VMFUNC,       /* leaf, view */
    CMD_VMFUNC_READ,  /* view, gpa, view after -> value; slots stay reachable */
    CMD_VMFUNC_LOOP,  /* view a, view b, rounds -> ticks */
    CMD_CPUID_LOOP,   /* rounds -> ticks */
    CMD_HYPERCALL,    /* number, five arguments -> result */
    CMD_HYPERCALL32,  /* the same from 32-bit code */
    CMD_VE_SETUP,     /* VE_*, view to enter on #VE */
    CMD_VE_LOOP,      /* gpa, rounds -> ticks from a read to #VE's handler, least */
    CMD_START_VCPU,   /* vcpu -> result */
    CMD_SHUTDOWN,     /* SHUTDOWN_* */
    CMD_FEATURES,     /* -> FEATURE_*, addresses of IDT and page tables */
    CMD_TRAP,         /* ends with #UD */
    CMD_DEVICE,       /* DEVICE_*, port or gpa of the device, gpa, bytes */
    CMD_TRANSCRIPT,   /* gpa for a text -> its length: transcript.c */
    CMD_FLAGS,        /* gpa, FLAGS_* -> TF seen, #DBs, digest, looks: flags.c */
    CMD_READ_PAE,     /* address, gpa of its four entries -> 32-bit value */
    CMD_SWITCH_TASK,  /* gpa of a GDT: layout.h -> EBX of the task entered */
    CMD_TOGGLE_TSD,   /* times: CR4.TSD -> whether it is set then */
    CMD_STRESS,       /* seed, steps: stress.c; rounds says how many are done */
    CMD_FLOOD,        /* view: operations on it until the next command: stress.c */
    CMD_WATCH_ORDER,  /* gpa, shift: read until the next command, see begun */
    CMD_LOAD_CR3,     /* CR3 -> what is read from it */
    CMD_CR3_READ,     /* CR3, gpa, CR3 after -> value */
    CMD_CR3_LOOP,     /* CR3 a, CR3 b, rounds -> ticks */
    CMD_CR3_FLOOD,    /* CR3 a, CR3 b, gpa: loads them in turn, and reads after
                         each load, until the next command: values, CR3 last */
    CMD_SUM_ALL,      /* gpa, words -> sum of all words, ticks it took */
    CMD_CALL,         /* gpa, pages, times, read: calls the code there and at the
                         same place of the pages behind, times over; with read,
                         reads the page's first word before -> what the last
                         returned, ticks it took */
};

/* CMD_VE_SETUP: what the handler does before it returns. */
#define VE_SWITCH     1u  /* enter the given view by VMFUNC */
#define VE_STAY_BUSY  2u  /* leave the information page marked busy */
#define VE_LEAVE      4u  /* end the command, as any other exception does */

/* CMD_DEVICE: by string instructions, a byte at a time. */
#define DEVICE_OUTS   0u  /* memory to port */
#define DEVICE_INS    1u
#define DEVICE_STORE  2u  /* memory to memory-mapped registers */
#define DEVICE_LOAD   3u

/* CMD_FLAGS: who looks. */
#define FLAGS_EVERYWHERE 0u
#define FLAGS_STEPPING   1u  /* and steps itself, as a debugger would */
#define FLAGS_OF_USER    2u  /* a user, with SMAP: no looks where there is none */

#define FEATURE_INTEL 1u
#define FEATURE_AMD   2u

#define PAYLOAD_ARGS     6
#define PAYLOAD_RESULTS  4
#define PAYLOAD_VALUES  16

struct payload_ve
{
    uint64_t count;
    uint32_t reason, busy;
    uint64_t qualification, gla, gpa;
    uint16_t view, pad[3];
};

struct payload_slot
{
    uint64_t magic;          /* set once the vCPU answers commands */

    /* written by dom0; sequence last */
    uint32_t sequence;
    uint32_t command;
    uint64_t argument[PAYLOAD_ARGS];

    /*
     * CMD_WATCH_ORDER, written by dom0: the number of the change that is begun,
     * and of the last one done.  What the gpa shows, shifted, is the number of a
     * change: not one before what was done when the read began, and not one
     * after what was begun when it ended.
     */
    uint32_t begun, done;

    /* written by the guest; answered last */
    uint32_t answered;
    uint32_t exception;      /* vector + 1 of what ended the command, or 0 */
    uint64_t result[PAYLOAD_RESULTS];

    /* kept up to date by commands that run until the next one */
    uint64_t rounds;
    uint64_t slowest, fastest, last; /* ticks of a round */
    uint64_t values;         /* how many of value[] are in use */
    uint64_t lost;           /* values for which there was no room */
    struct
    {
        uint64_t value, count;
    } value[PAYLOAD_VALUES];

    struct payload_ve ve;
};

/* The first word that CMD_FILL puts into the page at a gpa. */
static inline uint64_t payload_pattern(uint64_t gpa, uint64_t seed)
{
    uint64_t x = (gpa >> 12) * 0x9e3779b97f4a7c15ULL + seed;

    x ^= x >> 29;
    return x * 0xbf58476d1ce4e5b9ULL | 1;
}

#endif /* ALTP2M_TEST_PROTOCOL_H */
