/* pacer.c: see pacer.h. */
#include "orchestrator/pacer.h"

#define STOP_MS 200

int
pacer_open(struct pacer *pacer, void *(*run)(void *arg), void *arg, struct err *err)
{
	pthread_mutex_init(&pacer->lock, NULL);
	pthread_cond_init(&pacer->changed, NULL);
	const int rc = pthread_create(&pacer->thread, NULL, run, arg);
	if (!rc)
		return 0;
	pacer_clear(pacer);
	return err_sys(err, rc, "cannot start a thread");
}

bool
pacer_stop(struct pacer *pacer)
{
	pthread_mutex_lock(&pacer->lock);
	pacer->stop = true;
	pthread_cond_broadcast(&pacer->changed);
	pthread_mutex_unlock(&pacer->lock);
	const struct timespec until = pacer_after(STOP_MS);
	return pthread_timedjoin_np(pacer->thread, NULL, &until) == 0;
}

void
pacer_clear(struct pacer *pacer)
{
	pthread_cond_destroy(&pacer->changed);
	pthread_mutex_destroy(&pacer->lock);
}

bool
pacer_rest(struct pacer *pacer, struct timespec until)
{
	int rc = 0;
	pthread_mutex_lock(&pacer->lock);
	while (!pacer->stop && !pacer->woken && !rc)
		rc = pthread_cond_timedwait(&pacer->changed, &pacer->lock, &until);
	pacer->woken = false;
	const bool stop = pacer->stop;
	pthread_mutex_unlock(&pacer->lock);
	return stop;
}

bool
pacer_pause(struct pacer *pacer, unsigned ms)
{
	const struct timespec until = pacer_after(ms);
	int rc = 0;
	pthread_mutex_lock(&pacer->lock);
	while (ms && !pacer->stop && !rc)
		rc = pthread_cond_timedwait(&pacer->changed, &pacer->lock, &until);
	const bool stop = pacer->stop;
	pthread_mutex_unlock(&pacer->lock);
	return stop;
}

void
pacer_wake(struct pacer *pacer)
{
	pthread_mutex_lock(&pacer->lock);
	pacer->woken = true;
	pthread_cond_broadcast(&pacer->changed);
	pthread_mutex_unlock(&pacer->lock);
}

struct timespec
pacer_after(unsigned ms)
{
	struct timespec at;
	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (ms % 1000) * 1000000L;
	at.tv_sec += at.tv_nsec / 1000000000L;
	at.tv_nsec %= 1000000000L;
	return at;
}
