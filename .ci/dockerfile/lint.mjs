// Prints what is wrong in the Dockerfiles that are named; the exit code is 1 if there is anything.
import {readFileSync} from 'node:fs'
import {validate} from 'dockerfile-utils'

for (const file of process.argv.slice(2)) {
	for (const {range, message} of validate(readFileSync(file, 'utf8'), {})) {
		console.log(`${file}:${range.start.line + 1}: ${message}`)
		process.exitCode = 1
	}
}
