// helmfile as it is: its module has replace lines, so "go install" refuses it.
package main

import (
	"github.com/helmfile/helmfile/cmd"
	"github.com/helmfile/helmfile/pkg/config"
	"github.com/helmfile/helmfile/pkg/errors"
)

func main() {
	root, err := cmd.NewRootCmd(new(config.GlobalOptions))
	errors.HandleExitCoder(err)
	if err := root.Execute(); err != nil {
		errors.HandleExitCoder(err)
	}
}
