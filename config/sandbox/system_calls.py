"""The system calls that a limited child may make, by name, with their numbers on x86_64 and aarch64.

Numbers are those of Linux' ``asm/unistd_64.h`` and ``asm-generic/unistd.h``; ``-`` where a processor has no such
call. What stands in neither table is refused: sockets of any kind, mounting, namespaces, other processes' memory,
``io_uring``, ``bpf``, ``userfaultfd``, ``kexec``, keyrings, shared memory by name, changing owners, modes, times or
links of files by name.
"""

MACHINES = ("x86_64", "aarch64")
"""The processors whose numbers stand here, in this order."""

ALLOWED = """
    # memory
    brk 12 214; mmap 9 222; mprotect 10 226; munmap 11 215; mremap 25 216; madvise 28 233; mincore 27 232;
    membarrier 324 283; mlock 149 228; mlock2 325 284; munlock 150 229; mlockall 151 230; munlockall 152 231; msync
    26 227; get_mempolicy 239 236; pkey_alloc 330 289; pkey_free 331 290; pkey_mprotect 329 288;
    # itself, its threads and children
    arch_prctl 158 -; set_tid_address 218 96; set_robust_list 273 99; get_robust_list 274 100; rseq 334 293; futex
    202 98; futex_waitv 449 449; clone 56 220; wait4 61 260; waitid 247 95; exit 60 93;
    exit_group 231 94; getpid 39 172; getppid 110 173; gettid 186 178; getpgid 121 155; getpgrp 111 -; setpgid 109
    154; getsid 124 156; setsid 112 157; getuid 102 174; geteuid 107 175; getgid 104 176; getegid 108 177; getgroups
    115 158; getresuid 118 148; getresgid 120 150; capget 125 90; prctl 157 167; seccomp 317 277;
    landlock_create_ruleset 444 444; landlock_add_rule 445 445; landlock_restrict_self 446 446; getrusage 98 165;
    times 100 153; sched_yield 24 124; sched_getaffinity 204 123; sched_getparam 143 121; sched_getscheduler 145
    120; sched_get_priority_max 146 125; sched_get_priority_min 147 126; getcpu 309 168; getpriority 140 141;
    setpriority 141 140; getrlimit 97 163; setrlimit 160 164; pidfd_open 434 434; set_thread_area 205 -;
    get_thread_area 211 -;
    # signals it gets
    rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139; rt_sigpending 127 136; rt_sigsuspend 130 133;
    rt_sigtimedwait 128 137; sigaltstack 131 132; signalfd4 289 74; restart_syscall 219 128; pause 34 -;
    # time
    nanosleep 35 101; clock_nanosleep 230 115; clock_gettime 228 113; clock_getres 229 114; gettimeofday 96 169;
    time 201 -; alarm 37 -; getitimer 36 102; setitimer 38 103; timer_create 222 107; timer_settime 223 110;
    timer_gettime 224 108; timer_getoverrun 225 109; timer_delete 226 111; timerfd_create 283 85; timerfd_settime
    286 86; timerfd_gettime 287 87;
    # the machine
    uname 63 160; sysinfo 99 179; getrandom 318 278; umask 95 166;
    # open files
    read 0 63; write 1 64; readv 19 65; writev 20 66; pread64 17 67; pwrite64 18 68; preadv 295 69; pwritev 296 70;
    preadv2 327 286; pwritev2 328 287; lseek 8 62; close 3 57; close_range 436 436; dup 32 23; dup2 33 -; dup3 292
    24; fcntl 72 25; pipe 22 -; pipe2 293 59; poll 7 -; ppoll 271 73; select 23 -; pselect6 270 72; epoll_create 213
    -; epoll_create1 291 20; epoll_ctl 233 21; epoll_wait 232 -; epoll_pwait 281 22; epoll_pwait2 441 441; eventfd
    284 -; eventfd2 290 19; sendfile 40 71; splice 275 76; tee 276 77; copy_file_range 326 285; fadvise64 221 223;
    readahead 187 213; fallocate 285 47; fsync 74 82; fdatasync 75 83; sync_file_range 277 84; flock 73 32;
    # files, as far as Landlock and the mounts let it
    open 2 -; openat 257 56; openat2 437 437; creat 85 -; access 21 -; faccessat 269 48; faccessat2 439 439; stat 4
    -; fstat 5 80; lstat 6 -; newfstatat 262 79; statx 332 291; statfs 137 43; fstatfs 138 44; getdents 78 -;
    getdents64 217 61; getcwd 79 17; chdir 80 49; fchdir 81 50; readlink 89 -; readlinkat 267 78; mkdir 83 -;
    mkdirat 258 34; rmdir 84 -; unlink 87 -; unlinkat 263 35; rename 82 -; renameat 264 38; renameat2 316 276;
    truncate 76 45; ftruncate 77 46; fchmod 91 52; getxattr 191 8; lgetxattr 192 9; fgetxattr 193 10; listxattr 194
    11; llistxattr 195 12; flistxattr 196 13;
"""

JUDGED = """
    prlimit64 302 261; ioctl 16 29; kill 62 129; tkill 200 130; tgkill 234 131; fork 57 -; vfork 58 -; execve 59 221;
    execveat 322 281; clone3 435 435;
"""
"""Those whose arguments decide, see ``config.sandbox.seccomp``."""


def system_call_numbers(table: str, machine: str) -> dict[str, int]:
    """The calls of a table by name, with their numbers on a machine as ``os.uname`` calls it."""
    column = 1 + MACHINES.index(machine)
    plain = "".join(line for line in table.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    entries = [entry.split() for entry in plain.split(";") if entry.strip()]
    return {entry[0]: int(entry[column]) for entry in entries if entry[column] != "-"}
