/*
 * Gives the kernel's versions of C library functions other names on the
 * host, where the sanitizers and the runner need the real ones.
 *
 * Included in front of everything that is compiled for a unit test.
 */
#pragma once

#define memcpy	    tine_memcpy
#define memmove	    tine_memmove
#define memset	    tine_memset
#define memcmp	    tine_memcmp
#define memchr	    tine_memchr
#define memmem	    tine_memmem
#define strlen	    tine_strlen
#define strnlen	    tine_strnlen
#define strcmp	    tine_strcmp
#define strncmp	    tine_strncmp
#define strcasecmp  tine_strcasecmp
#define strncasecmp tine_strncasecmp
#define strchr	    tine_strchr
#define strrchr	    tine_strrchr
#define strchrnul   tine_strchrnul
#define strstr	    tine_strstr
#define strpbrk	    tine_strpbrk
#define strspn	    tine_strspn
#define strcspn	    tine_strcspn
#define strcpy	    tine_strcpy
#define strncpy	    tine_strncpy
#define strcat	    tine_strcat
#define strsep	    tine_strsep
#define strlcpy	    tine_strlcpy
#define strlcat	    tine_strlcat
#define snprintf    tine_snprintf
#define vsnprintf   tine_vsnprintf
#define sprintf	    tine_sprintf
#define bsearch	    tine_bsearch
#define clock	    tine_clock
#define wait	    tine_wait
