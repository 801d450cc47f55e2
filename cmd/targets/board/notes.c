// Lines for the file of events.
#include "board.h"

void note(const char *what, const uint32_t *numbers, size_t n)
{
    char line[120] = "node ";
    size_t size = 5;
    for (; *what != '\0' && size < 80u; what++) {
        line[size++] = *what;
    }
    for (size_t i = 0; i < n && size < 100u; i++) {
        char digits[10];
        size_t d = 0;
        uint32_t left = numbers[i];
        do {
            digits[d++] = (char)('0' + (char)(left % 10u));
            left /= 10u;
        } while (left > 0u);
        line[size++] = ' ';
        while (d > 0u) {
            line[size++] = digits[--d];
        }
    }
    line[size++] = '\n';
    line[size] = '\0';
    board_say(line);
}
