/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server as the conductor may meet it: right, or wrong in the way that FAKE_SERVER names. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *mode;

static int
is_mode (const char *name)
{
  return strcmp (mode, name) == 0;
}

static void
answer (int listener,
        int n_answered)
{
  char request[4096];
  const char *response = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
  int fd = accept (listener, NULL, NULL);

  if (is_mode ("wrong-status"))
    response = "HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\nhello\n";
  else if (is_mode ("wrong-body"))
    response = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nadieu\n";
  else if (is_mode ("empty-body"))
    response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  else if (is_mode ("no-http"))
    response = "SSH-2.0-x\r\n\r\n";
  else if (is_mode ("short-body"))
    response = "HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\nhello\n";
  /* The first connection is the conductor's check, the second the load's. */
  if (is_mode ("die") && n_answered == 1)
    raise (SIGKILL);
  if (is_mode ("exit") && n_answered == 1)
    {
      fputs ("first words\nout of luck\n", stderr);
      exit (7);
    }
  if (read (fd, request, sizeof request) < 0 || write (fd, response, strlen (response)) < 0)
    perror ("fake-server");
  close (fd);
}

/* Gives nothing back, and touches all of it; up to a size that does no harm. */
static void
leak (void)
{
  static char *volatile kept[128]; /* or the compiler would see that nobody reads it */
  static size_t n_kept;
  const size_t bytes = 2 << 20;

  if (n_kept == sizeof kept / sizeof kept[0])
    return;
  kept[n_kept] = malloc (bytes);
  if (kept[n_kept] != NULL)
    memset (kept[n_kept++], 1, bytes);
}

static void
print_line_without_end (void)
{
  static char block[65536];

  memset (block, 'x', sizeof block);
  while (write (STDOUT_FILENO, block, sizeof block) > 0)
    ;
}

int
main (int argc,
      char *argv[])
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM, 0), n_answered = 0;
  pid_t companion = -1;
  const char *pid_file = getenv ("FAKE_PID_FILE");

  mode = getenv ("FAKE_SERVER") != NULL ? getenv ("FAKE_SERVER") : "right";
  if (pid_file != NULL)
    {
      FILE *file = fopen (pid_file, "we");

      fprintf (file, "%d", getpid ());
      fclose (file);
    }
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (listener, (struct sockaddr *)&address, length) < 0 || listen (listener, 16) < 0 ||
      getsockname (listener, (struct sockaddr *)&address, &length) < 0)
    return 1;

  if (is_mode ("exit-early"))
    {
      fputs ("no room\n", stderr);
      return 3;
    }
  if (is_mode ("error"))
    {
      puts ("{\"event\":\"error\",\"message\":\"port\\u0007 taken\"}");
      return 1;
    }
  if (is_mode ("malformed"))
    puts ("{\"event\":");
  if (is_mode ("flood"))
    print_line_without_end ();
  if (is_mode ("stubborn"))
    signal (SIGTERM, SIG_IGN);
  if (is_mode ("companion"))
    companion = fork ();
  if ((is_mode ("workers") && fork () == 0) || companion == 0)
    {
      /* A worker that nobody tied to its master. */
      for (;;)
        pause ();
    }
  if (is_mode ("no-port"))
    puts ("{\"event\":\"ready\",\"port\":70000,\"pid\":1,\"model\":\"fake\"}");
  else if (!is_mode ("silent"))
    printf (
        "{\"event\":\"ready\",\"port\":%d,\"pid\":%d,\"companions\":[%.*d],\"model\":\"fake\"}\n",
        ntohs (address.sin_port), getpid (), companion > 0 ? 1 : 0, companion > 0 ? companion : 0);
  if (is_mode ("stats-malformed"))
    puts ("{\"event\":\"stats\",\"t_ns\":7}");
  fflush (stdout);

  for (;;)
    {
      struct pollfd fds[] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

      if (poll (fds, is_mode ("stubborn") ? 1 : 2, is_mode ("leak") ? 10 : -1) < 0)
        return 1;
      if (is_mode ("leak"))
        leak ();
      if (fds[1].revents != 0)
        return 0;
      if (fds[0].revents != 0)
        answer (listener, n_answered++);
    }
}
