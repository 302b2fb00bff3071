import { main } from './main.ts'
import { post } from './post.ts'

await (process.argv.includes('post') ? post() : main())
