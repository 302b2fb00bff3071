// All scenarios that leave the mesh alone share one pool: they wait most of the time, each for its own release.
import './scenarios/promote.ts'
import './scenarios/rights.ts'
import './scenarios/crash.ts'
import './scenarios/faults.ts'
import './scenarios/people.ts'
import './scenarios/routes.ts'
import './scenarios/ways.ts'
import './scenarios/act.ts'
