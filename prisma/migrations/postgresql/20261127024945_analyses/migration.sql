-- CreateEnum
CREATE TYPE "AnalysisStatus" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED');

-- CreateTable
CREATE TABLE "Analysis" (
    "id" TEXT NOT NULL,
    "sourceId" TEXT NOT NULL,
    "status" "AnalysisStatus" NOT NULL DEFAULT 'QUEUED',
    "filter" TEXT,
    "fromCursor" TEXT,
    "toCursor" TEXT,
    "startedById" TEXT,
    "bytesRead" BIGINT NOT NULL DEFAULT 0,
    "bytesTotal" BIGINT NOT NULL DEFAULT 0,
    "entries" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMP(3),
    "finishedAt" TIMESTAMP(3),
    "error" TEXT,
    "activeSourceId" TEXT,
    "holder" TEXT,
    "heldUntil" TIMESTAMP(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Analysis_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AnalysisResult" (
    "analysisId" TEXT NOT NULL,
    "report" TEXT NOT NULL,

    CONSTRAINT "AnalysisResult_pkey" PRIMARY KEY ("analysisId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Analysis_activeSourceId_key" ON "Analysis"("activeSourceId");

-- CreateIndex
CREATE INDEX "Analysis_sourceId_id_idx" ON "Analysis"("sourceId", "id");

-- CreateIndex
CREATE INDEX "Analysis_status_id_idx" ON "Analysis"("status", "id");

-- CreateIndex
CREATE INDEX "Analysis_startedById_idx" ON "Analysis"("startedById");

-- AddForeignKey
ALTER TABLE "Analysis" ADD CONSTRAINT "Analysis_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Analysis" ADD CONSTRAINT "Analysis_startedById_fkey" FOREIGN KEY ("startedById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AnalysisResult" ADD CONSTRAINT "AnalysisResult_analysisId_fkey" FOREIGN KEY ("analysisId") REFERENCES "Analysis"("id") ON DELETE CASCADE ON UPDATE CASCADE;
