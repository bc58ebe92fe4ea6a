-- CreateEnum
CREATE TYPE "ActionStatus" AS ENUM ('SUCCESS', 'FAILED');

-- CreateTable
CREATE TABLE "Action" (
    "id" BIGINT NOT NULL,
    "seriesId" INTEGER NOT NULL,
    "timestamp" BIGINT NOT NULL,
    "recordedAt" BIGINT NOT NULL,
    "durationUs" BIGINT NOT NULL,
    "error" TEXT,
    "metadata" TEXT,

    CONSTRAINT "Action_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ActionSeries" (
    "id" INTEGER NOT NULL,
    "service" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "status" "ActionStatus" NOT NULL,

    CONSTRAINT "ActionSeries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ActionBlock" (
    "id" BIGINT NOT NULL,
    "minTimestamp" BIGINT NOT NULL,
    "maxTimestamp" BIGINT NOT NULL,
    "minDurationUs" BIGINT NOT NULL,
    "maxDurationUs" BIGINT NOT NULL,

    CONSTRAINT "ActionBlock_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ActionRollup" (
    "key" BIGINT NOT NULL,
    "count" BIGINT NOT NULL,
    "sumUs" BIGINT NOT NULL,
    "maxUs" BIGINT NOT NULL,
    "durations" BYTEA NOT NULL,

    CONSTRAINT "ActionRollup_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "ActionLog" (
    "id" INTEGER NOT NULL,
    "lastId" BIGINT NOT NULL,
    "lastRecordedAt" BIGINT NOT NULL,
    "removedThrough" BIGINT NOT NULL,
    "clearedThrough" BIGINT NOT NULL,
    "archivedThrough" BIGINT NOT NULL,
    "minutesFrom" BIGINT NOT NULL,

    CONSTRAINT "ActionLog_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ActionRequest" (
    "key" TEXT NOT NULL,
    "payloadHash" TEXT NOT NULL,
    "firstId" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,
    "recordedAt" BIGINT NOT NULL,

    CONSTRAINT "ActionRequest_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "ActionArchive" (
    "id" TEXT NOT NULL,
    "from" TIMESTAMP(3) NOT NULL,
    "to" TIMESTAMP(3) NOT NULL,
    "count" BIGINT NOT NULL,
    "size" BIGINT NOT NULL,
    "afterId" BIGINT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ActionArchive_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "until" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Lease_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "Action_seriesId_id_idx" ON "Action"("seriesId", "id");

-- CreateIndex
CREATE INDEX "Action_timestamp_id_seriesId_durationUs_idx" ON "Action"("timestamp", "id", "seriesId", "durationUs");

-- CreateIndex
CREATE UNIQUE INDEX "ActionSeries_service_action_status_key" ON "ActionSeries"("service", "action", "status");

-- CreateIndex
CREATE INDEX "ActionRequest_recordedAt_idx" ON "ActionRequest"("recordedAt");

-- CreateIndex
CREATE UNIQUE INDEX "ActionArchive_afterId_key" ON "ActionArchive"("afterId");
