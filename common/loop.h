/* loop.h: an event loop for one thread: descriptors, timers, signals, child processes
 * (epoll).
 *
 * Everything but loop_post() and loop_stop() belongs to the thread that runs the loop.
 * Callbacks may add and remove anything, themselves included.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "common/err.h"

struct loop;
struct loop_source; /* a registration */

typedef void loop_fd_cb(int fd, uint32_t epoll_events, void *arg);
typedef void loop_timer_cb(void *arg);
typedef void loop_signal_cb(int signo, void *arg);
/* status: wait status if the process was our child, else -1. Called once; source is then
 * gone. */
typedef void loop_exit_cb(pid_t pid, int status, void *arg);
typedef void loop_post_cb(void *arg);

int loop_create(struct loop **loop, struct err *err);
void loop_destroy(
	struct loop *loop); /* null is fine; closes what the loop opened, not fds */

/* Runs until loop_stop(). */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop); /* any thread */
/* One round: waits at most timeout_ms (-1: for ever). Number of callbacks run, or
 * negative errno. */
int loop_step(struct loop *loop, int timeout_ms);
/* Runs cb in the loop's thread, soon, in order. Any thread. 0 or -ENOMEM. */
int loop_post(struct loop *loop, loop_post_cb *cb, void *arg);

/* Each returns the registration, or null (out of memory, bad fd: errno). The fd stays the
 * caller's. */
struct loop_source *loop_add_fd(
	struct loop *loop, int fd, uint32_t epoll_events, loop_fd_cb *cb, void *arg);
/* First after first_ms, then every repeat_ms (0: once; the source is then gone after its
 * call). */
struct loop_source *loop_add_timer(struct loop *loop, uint64_t first_ms,
	uint64_t repeat_ms, loop_timer_cb *cb, void *arg);
/* Blocks signo for the thread and takes it from a signalfd. Call before threads are
 * started. */
struct loop_source *loop_add_signal(
	struct loop *loop, int signo, loop_signal_cb *cb, void *arg);
/* Watches any process by pidfd, child or not; reaps it if it is ours. A null cb is fine.
 */
struct loop_source *loop_add_exit(
	struct loop *loop, pid_t pid, loop_exit_cb *cb, void *arg);

int loop_mod_fd(struct loop_source *source, uint32_t epoll_events);
/* Null is fine. No callback of it runs afterwards. */
void loop_del(struct loop_source *source);

/* CLOCK_MONOTONIC. */
uint64_t loop_now_ms(void);
uint64_t loop_now_ns(void);

#endif
