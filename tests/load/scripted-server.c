/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scripted-server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  ScriptedServer *server;
  int fd;
  GThread *thread;
} Connection;

struct ScriptedServer
{
  ScriptFunc script;
  int listener;
  guint16 port;
  GThread *thread;
  GMutex mutex;
  GCond cond;
  guint n_requests;
  gboolean is_dead;
  GPtrArray *connections;
};

static gpointer
serve (gpointer data)
{
  Connection *connection = data;

  connection->server->script (connection->server, connection->fd);
  /* The descriptor itself is closed at the end, so that nobody shuts a stranger's one down. */
  g_mutex_lock (&connection->server->mutex);
  close (connection->fd);
  connection->fd = -1;
  g_mutex_unlock (&connection->server->mutex);
  return NULL;
}

static gpointer
listen_on (gpointer data)
{
  ScriptedServer *server = data;
  int fd, one = 1;

  while ((fd = accept (server->listener, NULL, NULL)) >= 0)
    {
      Connection *connection = g_new0 (Connection, 1);

      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      connection->server = server;
      connection->fd = fd;
      g_mutex_lock (&server->mutex);
      g_ptr_array_add (server->connections, connection);
      if (server->script != NULL)
        connection->thread = g_thread_new ("connection", serve, connection);
      g_cond_broadcast (&server->cond);
      g_mutex_unlock (&server->mutex);
    }
  return NULL;
}

ScriptedServer *
scripted_server_new (ScriptFunc script)
{
  ScriptedServer *server = g_new0 (ScriptedServer, 1);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t size = sizeof address;

  server->script = script;
  server->connections = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&server->mutex);
  g_cond_init (&server->cond);
  server->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (server->listener, (struct sockaddr *)&address, size), ==, 0);
  g_assert_cmpint (listen (server->listener, SOMAXCONN), ==, 0);
  g_assert_cmpint (getsockname (server->listener, (struct sockaddr *)&address, &size), ==, 0);
  server->port = ntohs (address.sin_port);
  server->thread = g_thread_new ("listener", listen_on, server);
  return server;
}

void
scripted_server_die (ScriptedServer *server)
{
  g_mutex_lock (&server->mutex);
  if (!server->is_dead)
    shutdown (server->listener, SHUT_RDWR);
  server->is_dead = TRUE;
  for (guint i = 0; i < server->connections->len; i++)
    {
      Connection *connection = g_ptr_array_index (server->connections, i);

      if (connection->fd >= 0)
        shutdown (connection->fd, SHUT_RDWR);
    }
  g_mutex_unlock (&server->mutex);
}

void
scripted_server_free (ScriptedServer *server)
{
  scripted_server_die (server);
  g_thread_join (server->thread);
  close (server->listener);
  /* One that was accepted while the server died. */
  scripted_server_die (server);
  for (guint i = 0; i < server->connections->len; i++)
    {
      Connection *connection = g_ptr_array_index (server->connections, i);

      if (connection->thread != NULL)
        g_thread_join (connection->thread);
      else
        close (connection->fd);
    }
  g_ptr_array_unref (server->connections);
  g_mutex_clear (&server->mutex);
  g_cond_clear (&server->cond);
  g_free (server);
}

char *
scripted_server_dup_url (ScriptedServer *server)
{
  return g_strdup_printf ("http://127.0.0.1:%u/", server->port);
}

guint16
scripted_server_get_port (ScriptedServer *server)
{
  return server->port;
}

void
scripted_server_wait_for_connections (ScriptedServer *server,
                                      guint n)
{
  g_mutex_lock (&server->mutex);
  while (server->connections->len < n)
    g_cond_wait (&server->cond, &server->mutex);
  g_mutex_unlock (&server->mutex);
}

int
scripted_server_get_fd (ScriptedServer *server,
                        guint i)
{
  int fd;

  g_mutex_lock (&server->mutex);
  fd = ((Connection *)g_ptr_array_index (server->connections, i))->fd;
  g_mutex_unlock (&server->mutex);
  return fd;
}

guint
scripted_server_read (ScriptedServer *server,
                      int fd)
{
  char buffer[4096];
  gsize size = 0;
  guint n;

  /* A client that does not pipeline sends nothing behind its request. */
  while (size < 4 || memcmp (buffer + size - 4, "\r\n\r\n", 4) != 0)
    {
      ssize_t got = recv (fd, buffer + size, sizeof buffer - size, 0);

      if (got <= 0)
        return 0;
      size += (gsize)got;
    }
  g_mutex_lock (&server->mutex);
  n = ++server->n_requests;
  g_cond_broadcast (&server->cond);
  g_mutex_unlock (&server->mutex);
  return n;
}

guint
scripted_server_get_n_requests (ScriptedServer *server)
{
  guint n;

  g_mutex_lock (&server->mutex);
  n = server->n_requests;
  g_mutex_unlock (&server->mutex);
  return n;
}

void
scripted_server_wait_for (ScriptedServer *server,
                          guint n)
{
  g_mutex_lock (&server->mutex);
  while (server->n_requests < n)
    g_cond_wait (&server->cond, &server->mutex);
  g_mutex_unlock (&server->mutex);
}

gboolean
scripted_server_write (int fd,
                       const char *data,
                       gsize size)
{
  while (size > 0)
    {
      ssize_t n = send (fd, data, size, MSG_NOSIGNAL);

      if (n < 0)
        return FALSE;
      data += n;
      size -= (gsize)n;
    }
  return TRUE;
}

gboolean
scripted_server_answer (int fd,
                        const char *text)
{
  return scripted_server_write (fd, text, strlen (text));
}

void
scripted_server_reset_on_close (int fd)
{
  struct linger linger = {.l_onoff = 1, .l_linger = 0};

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}
