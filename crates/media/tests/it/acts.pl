# Tries what a media program never needs and prints one line per act: its name and "denied" or "done".
# An act is denied when it ends in EPERM, EACCES or, where a call is hidden, ENOSYS on purpose.
# Arguments are chosen so that nothing happens where there is no sandbox.
my ($input, $sibling, $out, $outside, $parent) = @ARGV;
$| = 1;
sub said { my ($name, $ok, $errno, @also) = @_;
    my $denied = !$ok && grep { $errno == $_ } (1, 13, @also);
    print "$name ", ($denied ? "denied" : "done($errno)"), "\n"; }
sub file { my ($name, $code) = @_; $! = 0; my $ok = $code->(); said($name, $ok, $!+0); }
sub call { my ($name, $nr, @args) = @_; $! = 0; my $r = syscall($nr, @args); said($name, $r != -1, $!+0); }

open(my $mark, '>', "$out/mark") or print "broken: the output folder is not writable $!\n";
open(my $in, '<', $input) or print "broken: the input is not readable $!\n";

file('read_passwd', sub { open(my $f, '<', '/etc/passwd') });
file('read_environ_of_parent', sub { open(my $f, '<', "/proc/$parent/environ") });
file('read_own_maps', sub { open(my $f, '<', '/proc/self/maps') });
file('list_root', sub { opendir(my $d, '/') });
file('list_output_folder', sub { opendir(my $d, $out) });
file('read_sibling', sub { open(my $f, '<', $sibling) });
file('write_input', sub { open(my $f, '+<', $input) });
file('write_outside', sub { open(my $f, '>', $outside) });
file('write_dev_shm', sub { open(my $f, '>', "/dev/shm/act-$$") and unlink "/dev/shm/act-$$" });
file('open_terminal_or_zero', sub { open(my $f, '<', '/dev/zero') });
file('remove_own_output', sub { unlink "$out/mark" });
file('rename_own_output', sub { open(my $f, '>', "$out/mark"); rename "$out/mark", "$out/other" });
file('make_folder', sub { mkdir "$out/folder" });
file('make_symlink', sub { symlink '/etc/passwd', "$out/link" });
# A link from one folder to another is refused as if it led to another disk.
{ $! = 0; my $ok = link $sibling, "$out/hard"; said('make_hard_link', $ok, $!+0, 18); }
file('change_mode', sub { open(my $f, '>', "$out/mode"); chmod 0777, "$out/mode" });
file('change_owner', sub { chown -1, -1, "$out/mode" });
file('change_times', sub { utime 1, 1, "$out/mode" });
file('truncate_sibling', sub { open(my $f, '>>', $sibling) });

call('socket_inet', 41, 2, 1, 0);
call('socket_datagram', 41, 2, 2, 0);
call('socket_inet6', 41, 10, 1, 0);
call('socket_unix', 41, 1, 1, 0);
call('socket_netlink', 41, 16, 3, 0);
call('socket_by_x32_number', 0x40000000 | 41, 2, 1, 0);
call('socketpair', 53, 1, 1, 0, 0);
call('connect', 42, -1, 0, 0);
call('bind', 49, -1, 0, 0);
call('sendto', 44, -1, 0, 0, 0, 0, 0);

call('signal_parent', 62, $parent + 0, 0);
call('signal_init', 62, 1, 0);
call('signal_thread_of_parent', 234, $parent + 0, $parent + 0, 0);
call('queue_signal', 129, $parent + 0, 0, 0);
call('ptrace', 101, 2, $parent + 0, 0, 0);
call('read_memory_of_parent', 310, $parent + 0, 0, 0, 0, 0, 0);
call('write_memory_of_parent', 311, $parent + 0, 0, 0, 0, 0, 0);
call('pidfd_open', 434, $parent + 0, 0);
call('pidfd_getfd', 438, -1, 0, 0);
call('limits_of_parent', 302, $parent + 0, 7, 0, 0);

call('mount', 165, 0, 0, 0, 0, 0);
call('umount', 166, 0, 0);
call('pivot_root', 155, 0, 0);
call('chroot', 161, 0);
call('unshare', 272, 1);
call('setns', 308, -1, 0);
call('fsopen', 430, 0, 0);
call('open_tree', 428, -1, 0, 0);
call('move_mount', 429, -1, 0, -1, 0, 0);
call('bpf', 321, 0xffff, 0, 0);
call('perf_event_open', 298, 0, 0, 0, 0, 0);
call('userfaultfd', 323, 0xffff);
call('io_uring_setup', 425, 0, 0);
call('io_uring_enter', 426, -1, 0, 0, 0, 0, 0);
call('io_uring_register', 427, -1, 0, 0, 0);
call('keyctl', 250, 0xffff, 0, 0, 0, 0);
call('add_key', 248, 0, 0, 0, 0, 0);
call('request_key', 249, 0, 0, 0, 0);
call('open_by_handle_at', 304, -1, 0, 0);
my $name = 'x'; call('memfd_create', 319, $name, 0);
call('execveat', 322, -1, 0, 0, 0, 0);
call('init_module', 175, 0, 0, 0);
call('finit_module', 313, -1, 0, 0);
call('delete_module', 176, 0, 0);
call('kexec_load', 246, 0, 1000, 0, 0);
call('reboot', 169, 0, 0, 0, 0);
call('swapon', 167, 0, 0);
call('kernel_log', 103, 100, 0, 0);
call('set_time', 164, 1, 1);
call('set_host_name', 170, 0, -1);
call('raise_io_privilege', 172, 9);
call('personality', 135, 0xffffffff);
call('shared_memory', 29, 0, 0, 0);
call('message_queue', 240, 0, 0, 0, 0);
call('set_user', 105, -1);
call('capset', 126, 0, 0);
call('set_attribute', 188, 0, 0, 0, 0, 0);
call('fanotify', 300, -1, 0);
call('type_into_terminal', 16, 1, 0x5412, 0);

file('read_init_memory', sub { open(my $f, '<', '/proc/1/mem') });
{ $! = 0; my $r = syscall(435, 0, 0); said('clone3', $r != -1, $!+0, 38); }
{ $! = 0; my $pid = fork; if (defined $pid && $pid == 0) { syscall(60, 0) } said('fork', defined $pid, $!+0); }
{ $! = 0; my $r = syscall(56, 17, 0, 0, 0, 0); if ($r == 0) { syscall(60, 0) } said('clone_process', $r != -1, $!+0); }
{ $! = 0; my $shell = '/bin/sh'; my $r = syscall(59, $shell, 0, 0); said('run_shell', 0, $!+0); }
