CREATE TABLE "checkpoints" (
	"name" text PRIMARY KEY NOT NULL,
	"block" bigint NOT NULL,
	"recent" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "faults" (
	"id" serial PRIMARY KEY NOT NULL,
	"prover" text NOT NULL,
	"task" text NOT NULL,
	"code" text NOT NULL,
	"message" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"task" text NOT NULL,
	"prover_id" text NOT NULL,
	"prover_name" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"expected_ms" double precision NOT NULL,
	CONSTRAINT "leases_task_prover_id_pk" PRIMARY KEY("task","prover_id")
);
--> statement-breakpoint
CREATE TABLE "proofs" (
	"content_hash" text PRIMARY KEY NOT NULL,
	"task" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"public_inputs" jsonb NOT NULL,
	"gates" integer NOT NULL,
	"witness_seconds" double precision NOT NULL,
	"prove_seconds" double precision NOT NULL,
	"peak_memory_bytes" bigint NOT NULL,
	"prover" text NOT NULL,
	"verified_at" timestamp with time zone NOT NULL,
	CONSTRAINT "proofs_task_unique" UNIQUE("task")
);
--> statement-breakpoint
CREATE TABLE "provers" (
	"name" text PRIMARY KEY NOT NULL,
	"ms_per_gate" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"failure_rate" double precision DEFAULT 0 NOT NULL,
	"proofs" integer DEFAULT 0 NOT NULL,
	"faults" integer DEFAULT 0 NOT NULL,
	"suspended_until" timestamp with time zone,
	"quarantined" boolean DEFAULT false NOT NULL,
	"reason" text,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sequences" (
	"number" bigint PRIMARY KEY NOT NULL,
	"first_batch" bigint NOT NULL,
	"last_batch" bigint NOT NULL,
	"prev_data_hash" text NOT NULL,
	"new_data_hash" text NOT NULL,
	"prev_state_root" text NOT NULL,
	"claimed_root" text NOT NULL,
	"block_number" bigint NOT NULL,
	"status" text NOT NULL,
	"error" text,
	"verified_by" text,
	"created_at" timestamp with time zone NOT NULL,
	"proved_at" timestamp with time zone,
	"verified_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "submissions" (
	"sequence" bigint NOT NULL,
	"operator" text NOT NULL,
	"state" text NOT NULL,
	"proof_hash" text NOT NULL,
	"round" bigint,
	"commit_tx" text,
	"commit_gas" bigint,
	"commit_block" bigint,
	"reveal_tx" text,
	"reveal_gas" bigint,
	"reveal_block" bigint,
	"reward_wei" numeric(78, 0),
	"error" text,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "submissions_sequence_operator_pk" PRIMARY KEY("sequence","operator")
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" text PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"kind" text NOT NULL,
	"level" integer NOT NULL,
	"position" integer NOT NULL,
	"first_batch" bigint NOT NULL,
	"last_batch" bigint NOT NULL,
	"parts" jsonb NOT NULL,
	"program" text NOT NULL,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"not_before" timestamp with time zone,
	"expected" jsonb,
	CONSTRAINT "tasks_place" UNIQUE("sequence","level","position")
);
--> statement-breakpoint
CREATE TABLE "transactions" (
	"id" text PRIMARY KEY NOT NULL,
	"chain_id" integer NOT NULL,
	"account" text NOT NULL,
	"nonce" integer NOT NULL,
	"what" text NOT NULL,
	"sequence" bigint,
	"to" text,
	"data" text NOT NULL,
	"value_wei" numeric(78, 0) NOT NULL,
	"gas" bigint NOT NULL,
	"must_return" text,
	"versions" jsonb NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"hash" text,
	"block_number" bigint,
	"block_hash" text,
	"gas_used" bigint,
	"fee_wei" numeric(78, 0),
	"reverted" boolean,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "faults" ADD CONSTRAINT "faults_task_tasks_id_fk" FOREIGN KEY ("task") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "leases" ADD CONSTRAINT "leases_task_tasks_id_fk" FOREIGN KEY ("task") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proofs" ADD CONSTRAINT "proofs_task_tasks_id_fk" FOREIGN KEY ("task") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "submissions" ADD CONSTRAINT "submissions_sequence_sequences_number_fk" FOREIGN KEY ("sequence") REFERENCES "public"."sequences"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_sequence_sequences_number_fk" FOREIGN KEY ("sequence") REFERENCES "public"."sequences"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "leases_expiry" ON "leases" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "tasks_queue" ON "tasks" USING btree ("status","sequence","level","position");--> statement-breakpoint
CREATE INDEX "transactions_unfinished" ON "transactions" USING btree ("account","state","nonce");--> statement-breakpoint
CREATE INDEX "transactions_sequence" ON "transactions" USING btree ("sequence");