package render

// fakes are workers that misbehave, by their argument.
var fakes = map[string]func() int{}
