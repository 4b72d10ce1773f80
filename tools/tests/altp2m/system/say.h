/* SPDX-License-Identifier: GPL-2.0-only */
/* What a demonstration tells the terminal: lines that begin with "demo: ". */
#ifndef ALTP2M_TEST_SAY_H
#define ALTP2M_TEST_SAY_H

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct step
{
    const char *title;
    void (*run)(void);
};

/* All steps in turn; 0 if every one held, else 1, for main() to return. */
int say_steps(const struct step *steps, unsigned int nr);

#endif /* ALTP2M_TEST_SAY_H */
