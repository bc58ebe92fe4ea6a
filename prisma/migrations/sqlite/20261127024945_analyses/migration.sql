-- CreateTable
CREATE TABLE "Analysis" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sourceId" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'QUEUED',
    "filter" TEXT,
    "fromCursor" TEXT,
    "toCursor" TEXT,
    "startedById" TEXT,
    "bytesRead" BIGINT NOT NULL DEFAULT 0,
    "bytesTotal" BIGINT NOT NULL DEFAULT 0,
    "entries" BIGINT NOT NULL DEFAULT 0,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" DATETIME,
    "finishedAt" DATETIME,
    "error" TEXT,
    "activeSourceId" TEXT,
    "holder" TEXT,
    "heldUntil" DATETIME,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "Analysis_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Analysis_startedById_fkey" FOREIGN KEY ("startedById") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "AnalysisResult" (
    "analysisId" TEXT NOT NULL PRIMARY KEY,
    "report" TEXT NOT NULL,
    CONSTRAINT "AnalysisResult_analysisId_fkey" FOREIGN KEY ("analysisId") REFERENCES "Analysis" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "Analysis_activeSourceId_key" ON "Analysis"("activeSourceId");

-- CreateIndex
CREATE INDEX "Analysis_sourceId_id_idx" ON "Analysis"("sourceId", "id");

-- CreateIndex
CREATE INDEX "Analysis_status_id_idx" ON "Analysis"("status", "id");

-- CreateIndex
CREATE INDEX "Analysis_startedById_idx" ON "Analysis"("startedById");
