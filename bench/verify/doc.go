// Command verify measures the checker against SPIN in the same run, on the same model with the same states, and then on
// every program of the corpus.
//
// In: the checkout that it runs in; spin and gcc on the path. Out: a table; exit status 1 where states differ or a ratio
// that is promised is not met. Processor time counts for one worker, since other work on the machine does not change it
// much; two workers are compared by the clock.
package main
