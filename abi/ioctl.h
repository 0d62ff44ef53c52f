/*
 * ioctl.h - how request numbers are made, and those of files and terminals.
 */
#pragma once

#include <abi/types.h>

#define _IOC_NRBITS   8
#define _IOC_TYPEBITS 8
#define _IOC_SIZEBITS 14
#define _IOC_DIRBITS  2

#define _IOC_NRSHIFT   0
#define _IOC_TYPESHIFT (_IOC_NRSHIFT + _IOC_NRBITS)
#define _IOC_SIZESHIFT (_IOC_TYPESHIFT + _IOC_TYPEBITS)
#define _IOC_DIRSHIFT  (_IOC_SIZESHIFT + _IOC_SIZEBITS)

#define _IOC_NONE  0U
#define _IOC_WRITE 1U
#define _IOC_READ  2U

#define _IOC(dir, type, nr, size)                                              \
	(((dir) << _IOC_DIRSHIFT) | ((type) << _IOC_TYPESHIFT) |               \
	 ((nr) << _IOC_NRSHIFT) | ((unsigned int)(size) << _IOC_SIZESHIFT))
#define _IO(type, nr)	     _IOC(_IOC_NONE, type, nr, 0)
#define _IOR(type, nr, arg)  _IOC(_IOC_READ, type, nr, sizeof(arg))
#define _IOW(type, nr, arg)  _IOC(_IOC_WRITE, type, nr, sizeof(arg))
#define _IOWR(type, nr, arg) _IOC(_IOC_READ | _IOC_WRITE, type, nr, sizeof(arg))

#define _IOC_DIR(cmd)  (((cmd) >> _IOC_DIRSHIFT) & 3)
#define _IOC_TYPE(cmd) (((cmd) >> _IOC_TYPESHIFT) & 0xff)
#define _IOC_NR(cmd)   (((cmd) >> _IOC_NRSHIFT) & 0xff)
#define _IOC_SIZE(cmd) (((cmd) >> _IOC_SIZESHIFT) & 0x3fff)

/* Terminals and every file */
#define TCGETS		       0x5401
#define TCSETS		       0x5402
#define TCSETSW		       0x5403
#define TCSETSF		       0x5404
#define TCGETA		       0x5405
#define TCSETA		       0x5406
#define TCSETAW		       0x5407
#define TCSETAF		       0x5408
#define TCSBRK		       0x5409
#define TCXONC		       0x540A
#define TCFLSH		       0x540B
#define TIOCEXCL	       0x540C
#define TIOCNXCL	       0x540D
#define TIOCSCTTY	       0x540E
#define TIOCGPGRP	       0x540F
#define TIOCSPGRP	       0x5410
#define TIOCOUTQ	       0x5411
#define TIOCSTI		       0x5412
#define TIOCGWINSZ	       0x5413
#define TIOCSWINSZ	       0x5414
#define TIOCMGET	       0x5415
#define TIOCMBIS	       0x5416
#define TIOCMBIC	       0x5417
#define TIOCMSET	       0x5418
#define TIOCGSOFTCAR	       0x5419
#define TIOCSSOFTCAR	       0x541A
#define FIONREAD	       0x541B
#define TIOCINQ		       FIONREAD
#define TIOCLINUX	       0x541C
#define TIOCCONS	       0x541D
#define TIOCGSERIAL	       0x541E
#define TIOCSSERIAL	       0x541F
#define TIOCPKT		       0x5420
#define FIONBIO		       0x5421
#define TIOCNOTTY	       0x5422
#define TIOCSETD	       0x5423
#define TIOCGETD	       0x5424
#define TCSBRKP		       0x5425
#define TIOCSBRK	       0x5427
#define TIOCCBRK	       0x5428
#define TIOCGSID	       0x5429
#define TCGETS2		       _IOR('T', 0x2A, struct termios2)
#define TCSETS2		       _IOW('T', 0x2B, struct termios2)
#define TCSETSW2	       _IOW('T', 0x2C, struct termios2)
#define TCSETSF2	       _IOW('T', 0x2D, struct termios2)
#define TIOCGRS485	       0x542E
#define TIOCSRS485	       0x542F
#define TIOCGPTN	       _IOR('T', 0x30, unsigned int)
#define TIOCSPTLCK	       _IOW('T', 0x31, int)
#define TIOCGDEV	       _IOR('T', 0x32, unsigned int)
#define TCGETX		       0x5432
#define TCSETX		       0x5433
#define TCSETXF		       0x5434
#define TCSETXW		       0x5435
#define TIOCSIG		       _IOW('T', 0x36, int)
#define TIOCVHANGUP	       0x5437
#define TIOCGPKT	       _IOR('T', 0x38, int)
#define TIOCGPTLCK	       _IOR('T', 0x39, int)
#define TIOCGEXCL	       _IOR('T', 0x40, int)
#define TIOCGPTPEER	       _IO('T', 0x41)
#define FIONCLEX	       0x5450
#define FIOCLEX		       0x5451
#define FIOASYNC	       0x5452
#define TIOCSERCONFIG	       0x5453
#define TIOCSERGWILD	       0x5454
#define TIOCSERSWILD	       0x5455
#define TIOCGLCKTRMIOS	       0x5456
#define TIOCSLCKTRMIOS	       0x5457
#define TIOCSERGSTRUCT	       0x5458
#define TIOCSERGETLSR	       0x5459
#define TIOCSERGETMULTI	       0x545A
#define TIOCSERSETMULTI	       0x545B
#define TIOCMIWAIT	       0x545C
#define TIOCGICOUNT	       0x545D
#define FIOQSIZE	       0x5460
#define SIOCSPGRP	       0x8902
#define SIOCGPGRP	       0x8904
#define SIOCATMARK	       0x8905
#define SIOCINQ		       FIONREAD
#define SIOCOUTQ	       TIOCOUTQ
#define SIOCADDRT	       0x890B
#define SIOCDELRT	       0x890C
#define SIOCRTMSG	       0x890D
#define SIOCGIFNAME	       0x8910
#define SIOCSIFLINK	       0x8911
#define SIOCGIFCONF	       0x8912
#define SIOCGIFFLAGS	       0x8913
#define SIOCSIFFLAGS	       0x8914
#define SIOCGIFADDR	       0x8915
#define SIOCSIFADDR	       0x8916
#define SIOCGIFDSTADDR	       0x8917
#define SIOCSIFDSTADDR	       0x8918
#define SIOCGIFBRDADDR	       0x8919
#define SIOCSIFBRDADDR	       0x891a
#define SIOCGIFNETMASK	       0x891b
#define SIOCSIFNETMASK	       0x891c
#define SIOCGIFMETRIC	       0x891d
#define SIOCSIFMETRIC	       0x891e
#define SIOCGIFMEM	       0x891f
#define SIOCSIFMEM	       0x8920
#define SIOCGIFMTU	       0x8921
#define SIOCSIFMTU	       0x8922
#define SIOCSIFNAME	       0x8923
#define SIOCSIFHWADDR	       0x8924
#define SIOCGIFENCAP	       0x8925
#define SIOCSIFENCAP	       0x8926
#define SIOCGIFHWADDR	       0x8927
#define SIOCGIFSLAVE	       0x8929
#define SIOCSIFSLAVE	       0x8930
#define SIOCADDMULTI	       0x8931
#define SIOCDELMULTI	       0x8932
#define SIOCGIFINDEX	       0x8933
#define SIOCSIFPFLAGS	       0x8934
#define SIOCGIFPFLAGS	       0x8935
#define SIOCDIFADDR	       0x8936
#define SIOCSIFHWBROADCAST     0x8937
#define SIOCGIFCOUNT	       0x8938
#define SIOCGIFBR	       0x8940
#define SIOCSIFBR	       0x8941
#define SIOCGIFTXQLEN	       0x8942
#define SIOCSIFTXQLEN	       0x8943
#define SIOCETHTOOL	       0x8946
#define SIOCGMIIPHY	       0x8947
#define SIOCGMIIREG	       0x8948
#define SIOCSMIIREG	       0x8949
#define SIOCWANDEV	       0x894A
#define SIOCOUTQNSD	       0x894B
#define SIOCGSKNS	       0x894C
#define SIOCDARP	       0x8953
#define SIOCGARP	       0x8954
#define SIOCSARP	       0x8955
#define SIOCDRARP	       0x8960
#define SIOCGRARP	       0x8961
#define SIOCSRARP	       0x8962
#define SIOCGIFMAP	       0x8970
#define SIOCSIFMAP	       0x8971
#define SIOCADDDLCI	       0x8980
#define SIOCDELDLCI	       0x8981
#define SIOCGIFVLAN	       0x8982
#define SIOCSIFVLAN	       0x8983
#define SIOCBONDENSLAVE	       0x8990
#define SIOCBONDRELEASE	       0x8991
#define SIOCBONDSETHWADDR      0x8992
#define SIOCBONDSLAVEINFOQUERY 0x8993
#define SIOCBONDINFOQUERY      0x8994
#define SIOCBONDCHANGEACTIVE   0x8995
#define SIOCBRADDBR	       0x89a0
#define SIOCBRDELBR	       0x89a1
#define SIOCBRADDIF	       0x89a2
#define SIOCBRDELIF	       0x89a3
#define SIOCSHWTSTAMP	       0x89b0
#define SIOCGHWTSTAMP	       0x89b1

/* Attributes of files (lsattr, chattr), freezing, labels */
#define FS_IOC_GETFLAGS	  _IOR('f', 1, long)
#define FS_IOC_SETFLAGS	  _IOW('f', 2, long)
#define FS_IOC_GETVERSION _IOR('v', 1, long)
#define FS_IOC_SETVERSION _IOW('v', 2, long)
#define FIBMAP		  _IO(0x00, 1)
#define FS_IOC_FIEMAP	  0xc020660b /* _IOWR('f', 11, struct fiemap) */
#define FIGETBSZ	  _IO(0x00, 2)
#define FIFREEZE	  _IOWR('X', 119, int)
#define FITHAW		  _IOWR('X', 120, int)
