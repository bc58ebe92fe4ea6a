-- CreateTable
CREATE TABLE "Action" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "seriesId" INTEGER NOT NULL,
    "timestamp" INTEGER NOT NULL,
    "recordedAt" INTEGER NOT NULL,
    "durationUs" INTEGER NOT NULL,
    "error" TEXT,
    "metadata" TEXT
);

-- CreateTable
CREATE TABLE "ActionSeries" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "service" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "status" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "ActionBlock" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "minTimestamp" INTEGER NOT NULL,
    "maxTimestamp" INTEGER NOT NULL,
    "minDurationUs" INTEGER NOT NULL,
    "maxDurationUs" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "ActionRollup" (
    "key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "count" INTEGER NOT NULL,
    "sumUs" INTEGER NOT NULL,
    "maxUs" INTEGER NOT NULL,
    "durations" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "ActionLog" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "lastId" INTEGER NOT NULL,
    "lastRecordedAt" INTEGER NOT NULL,
    "removedThrough" INTEGER NOT NULL,
    "clearedThrough" INTEGER NOT NULL,
    "archivedThrough" INTEGER NOT NULL,
    "minutesFrom" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "ActionRequest" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "payloadHash" TEXT NOT NULL,
    "firstId" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "recordedAt" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "ActionArchive" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "from" DATETIME NOT NULL,
    "to" DATETIME NOT NULL,
    "count" BIGINT NOT NULL,
    "size" BIGINT NOT NULL,
    "afterId" BIGINT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "Lease" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "holder" TEXT NOT NULL,
    "until" DATETIME NOT NULL
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
