// Runs AVR firmware on libsimavr, no faster than real, with its UART at a socket of the host and its EEPROM in a file.
// Arguments: MCU, firmware, socket, file of the EEPROM, file of events, and orders: last=N, word=N, random=N. Exit status: 77 where power failed.
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_eeprom.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

enum { SAY = 0x3e, SIGN = 0x4a, RANDOM = 0x4b }; // GPIOR0 to GPIOR2 of the ATmega328P
enum { STEP = 1, WRITTEN = 2, FAILED = 3 };      // signs
enum { POWER_FAILED = 77, FIRMWARE_FAILED = 99 };
#define HZ 16000000
#define EEPROM 1024
#define NOT_SO_LARGE (-2) // what the library says where it does nothing; -1 where it did

static avr_t *avr;
static avr_irq_t *input;
static int line = -1, eeprom = -1, events = -1;
static uint32_t last, word, steps, words, seed = 1;
static char said[256];
static size_t said_size;
static uint8_t queue[4096]; // bytes for the UART
static unsigned first, end;
static int full; // the UART takes none

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void say(struct avr_t *a, avr_io_addr_t at, uint8_t byte, void *none)
{
    (void)a, (void)at, (void)none;
    if (said_size < sizeof said) {
        said[said_size++] = (char)byte;
    }
    if (byte == '\n') {
        if (write(events, said, said_size) != (ssize_t)said_size) {
            die("events");
        }
        said_size = 0;
    }
}

static void sign(struct avr_t *a, avr_io_addr_t at, uint8_t what, void *none)
{
    (void)at, (void)none;
    if (what == FAILED) {
        exit(FIRMWARE_FAILED);
    }
    if (what == WRITTEN) {
        uint8_t bytes[EEPROM];
        avr_eeprom_desc_t all = {.ee = bytes, .offset = 0, .size = sizeof bytes};
        if (avr_ioctl(a, AVR_IOCTL_EEPROM_GET, &all) == NOT_SO_LARGE || pwrite(eeprom, bytes, sizeof bytes, 0) != sizeof bytes) {
            die("eeprom");
        }
        if (++words == word) {
            exit(POWER_FAILED);
        }
    }
    if (++steps == last) {
        exit(POWER_FAILED);
    }
}

static uint8_t draw(struct avr_t *a, avr_io_addr_t at, void *none)
{
    (void)a, (void)at, (void)none;
    seed ^= seed << 13; // Marsaglia's xorshift (2003)
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (uint8_t)(seed >> 24);
}

static void sent(struct avr_irq_t *irq, uint32_t value, void *none)
{
    uint8_t byte = (uint8_t)value;
    (void)irq, (void)none;
    if (write(line, &byte, 1) != 1) {
        exit(0); // whoever ran this is gone
    }
}

static void give(void)
{
    while (!full && first != end) {
        avr_raise_irq(input, queue[first++ % sizeof queue]);
    }
}

static void more(struct avr_irq_t *irq, uint32_t value, void *none)
{
    (void)irq, (void)value, (void)none;
    full = 0;
    give();
}

static void enough(struct avr_irq_t *irq, uint32_t value, void *none)
{
    (void)irq, (void)value, (void)none;
    full = 1;
}

static int64_t real_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void connect_line(const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", name);
    line = socket(AF_UNIX, SOCK_STREAM, 0);
    if (line < 0 || connect(line, (struct sockaddr *)&to, sizeof to) != 0) {
        die("line");
    }
}

static void start(const char *mcu, const char *firmware)
{
    elf_firmware_t f;
    uint8_t bytes[EEPROM];
    avr_eeprom_desc_t all = {.ee = bytes, .offset = 0, .size = sizeof bytes};
    uint32_t flags = 0;
    dup2(2, 1); // the library talks on standard output
    memset(&f, 0, sizeof f);
    avr = elf_read_firmware(firmware, &f) == 0 ? avr_make_mcu_by_name(mcu) : NULL;
    if (avr == NULL) {
        die("firmware");
    }
    avr_init(avr);
    avr->frequency = HZ;
    avr->log = LOG_ERROR;
    avr_load_firmware(avr, &f);
    if (pread(eeprom, bytes, sizeof bytes, 0) != sizeof bytes || avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &all) == NOT_SO_LARGE) {
        die("eeprom");
    }
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    input = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), sent, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), more, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), enough, NULL);
    avr_register_io_write(avr, SAY, say, NULL);
    avr_register_io_write(avr, SIGN, sign, NULL);
    avr_register_io_read(avr, RANDOM, draw, NULL);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        return 2;
    }
    eeprom = open(argv[4], O_RDWR);
    events = open(argv[5], O_WRONLY | O_APPEND);
    if (eeprom < 0 || events < 0) {
        die("files");
    }
    for (int i = 6; i < argc; i++) {
        (void)sscanf(argv[i], "last=%u", &last);
        (void)sscanf(argv[i], "word=%u", &word);
        (void)sscanf(argv[i], "random=%u", &seed);
    }
    seed |= 1u;
    connect_line(argv[3]);
    start(argv[1], argv[2]);
    int64_t begun = real_us();
    for (uint64_t looked = 0;;) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) {
            fprintf(stderr, "the processor stopped in state %d\n", state);
            return FIRMWARE_FAILED;
        }
        if (avr->cycle - looked < HZ / 5000) {
            continue;
        }
        looked = avr->cycle;
        // A line that has been quiet is waited for until real time has come up with that of the firmware.
        int64_t ahead = (int64_t)(avr->cycle / (HZ / 1000000)) - (real_us() - begun);
        struct pollfd p = {.fd = line, .events = POLLIN};
        if (poll(&p, 1, ahead > 1000 ? (int)(ahead / 1000) : 0) > 0 && end - first < sizeof queue / 2) {
            uint8_t bytes[256];
            ssize_t n = read(line, bytes, sizeof bytes);
            if (n <= 0) {
                return 0; // whoever ran this is gone
            }
            for (ssize_t i = 0; i < n; i++) {
                queue[end++ % sizeof queue] = bytes[i];
            }
        }
        give();
    }
}
