/* SPDX-License-Identifier: Apache-2.0 */
/* The start gate: a created container waits here, for as long as it takes. */
#include "init/init.h"

/* For a client that has connected; it sends START at once. */
#define CLIENT_SECONDS 5

/*
 * Has the client said START? One that dies, stops or talks nonsense is forgotten, so that the next
 * finds the gate free. Who it is needs no look: the socket is in a directory that only the
 * container's owner can enter, and in a user namespace the owner's uid cannot be recognised.
 */
static bool client_starts(int client)
{
	struct sys_timespec timeout = {CLIENT_SECONDS, 0};
	struct sys_pollfd poll = {.fd = client, .events = POLLIN};
	int r;

	do {
		r = sys_ppoll(&poll, 1, &timeout); /* the kernel counts the timeout down */
	} while (r == -EINTR);
	return r > 0 && init_recv_from(client) == RT_MSG_START;
}

int step_gate(struct init *in, const struct op_gate *op)
{
	int r = init_recv(in), listener, client;

	if (r < 0 || r == RT_MSG_START)
		return r < 0 ? r : 0;
	if (r != RT_MSG_GATE)
		return -EPROTO;
	listener = init_slot(in, op->listener);
	if (listener < 0)
		return listener;
	for (;;) {
		client = sys_accept4(listener, SOCK_CLOEXEC);
		if (client == -EINTR || client == -ECONNABORTED)
			continue;
		if (client < 0)
			return client;
		if (client_starts(client))
			break;
		sys_close(client);
	}
	sys_close(in->report);
	in->report = client;
	in->gated = true;
	return 0;
}
