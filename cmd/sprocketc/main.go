package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func main() {
	paceHeap()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the first interrupt is a limit of a verification, the second ends the command
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run executes a command line and gives its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &output{w: stdout}
	c := &command{stdin: stdin, stdout: out, stderr: stderr}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	err := compile.Guard("command", "the command line", func() error {
		err := root.ExecuteContext(ctx)
		if err != nil && !c.started {
			err = &compile.Usage{Message: err.Error()} // of cobra: an unknown command or flag, a missing argument
		}
		if out.err != nil {
			err = &compile.Usage{Message: "the answer cannot be written: " + out.err.Error()}
		}
		return err
	})
	return c.fail(err)
}

// command is what the subcommands share.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	format  string
	verbose bool
	started bool // the command line was understood
}

const about = `sprocketc compiles a program that says what calls mean and what the channel may do
to the two peers of the cheapest protocol that keeps it, proven, in Go and C.

Exit status: 0 it holds, 1 the program is rejected, 2 the command line is wrong,
3 a property is violated, 4 undecided, 5 an error of the compiler's own.`

func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use: "sprocketc", Short: "compile programs to proven protocols", Long: about,
		SilenceErrors: true, SilenceUsage: true, Args: unknownCommand, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			c.started = true
			switch {
			case c.format == "text" || c.format == "json":
			case c.format != "sarif" && c.format != "junit":
				return &compile.Usage{Message: "--format is text, json, sarif or junit, not " + quoted(c.format)}
			case !slices.Contains(withFindings, cmd.Name()):
				return &compile.Usage{Message: "--format " + c.format + " is of " + strings.Join(withFindings, ", ") + ", which come to a verdict"}
			}
			return nil
		},
	}
	root.PersistentFlags().StringVar(&c.format, "format", "text", "text or json; sarif or junit of "+strings.Join(withFindings, ", "))
	root.PersistentFlags().BoolVarP(&c.verbose, "verbose", "v", false, "show the time of each phase")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(c.build(), c.check(), c.solve(), c.verify(), c.simulate(), c.explain(), c.diff(), c.conform(), c.export(), c.graph(), c.fmt(), c.dump(), c.init(), c.version())
	return root
}

// withFindings are the subcommands whose verdict can be had as SARIF and as JUnit.
var withFindings = []string{"check", "verify", "diff", "conform"}

// unknownCommand refuses what is no subcommand, and says which one is like it.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := "unknown command " + quoted(args[0])
	if like := root.SuggestionsFor(args[0]); len(like) > 0 {
		return errors.New(text + ": did you mean " + like[0] + "?")
	}
	return errors.New(text + "; sprocketc --help lists them")
}

// fail reports an error that has not been reported yet, and gives its status.
func (c *command) fail(err error) int {
	var known told
	if !errors.As(err, &known) && loud(err) {
		c.complain(err)
		if c.inJSON() {
			c.print(compile.ErrorJSON(err))
		}
	}
	return compile.Status(err)
}

// loud reports whether an error says something that no answer says.
func loud(err error) bool {
	return compile.Status(err) == compile.StatusUsage || compile.Status(err) == compile.StatusDefect
}

// told is an error that has been reported.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// tell reports an error at once, where there are more files to come.
func (c *command) tell(err error) error {
	if !loud(err) {
		return err
	}
	c.complain(err)
	return told{err}
}
