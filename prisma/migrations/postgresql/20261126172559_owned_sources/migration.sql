-- CreateEnum
CREATE TYPE "UploadState" AS ENUM ('WAITING', 'RECEIVING', 'ACTIVE', 'FAILED');

-- CreateTable
CREATE TABLE "SourceGrant" (
    "sourceId" TEXT NOT NULL,
    "grantee" TEXT NOT NULL,

    CONSTRAINT "SourceGrant_pkey" PRIMARY KEY ("sourceId","grantee")
);

-- CreateTable
CREATE TABLE "Upload" (
    "sourceId" TEXT NOT NULL,
    "state" "UploadState" NOT NULL DEFAULT 'WAITING',
    "failure" TEXT,
    "key" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "storedAt" TIMESTAMP(3),

    CONSTRAINT "Upload_pkey" PRIMARY KEY ("sourceId")
);

-- CreateTable
CREATE TABLE "Stream" (
    "sourceId" TEXT NOT NULL,
    "maxAgeDays" INTEGER,
    "maxBytes" BIGINT,
    "clearedAt" TIMESTAMP(3),

    CONSTRAINT "Stream_pkey" PRIMARY KEY ("sourceId")
);

-- CreateTable
CREATE TABLE "StreamRequest" (
    "sourceId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "sentHash" TEXT NOT NULL,
    "lineHash" TEXT NOT NULL,
    "inode" BIGINT NOT NULL,
    "offset" BIGINT NOT NULL,
    "length" INTEGER NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "StreamRequest_pkey" PRIMARY KEY ("sourceId","key")
);

-- CreateIndex
CREATE INDEX "SourceGrant_grantee_idx" ON "SourceGrant"("grantee");

-- CreateIndex
CREATE UNIQUE INDEX "Upload_key_key" ON "Upload"("key");

-- CreateIndex
CREATE INDEX "StreamRequest_createdAt_idx" ON "StreamRequest"("createdAt");

-- AddForeignKey
ALTER TABLE "SourceGrant" ADD CONSTRAINT "SourceGrant_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Upload" ADD CONSTRAINT "Upload_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Stream" ADD CONSTRAINT "Stream_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StreamRequest" ADD CONSTRAINT "StreamRequest_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Stream"("sourceId") ON DELETE CASCADE ON UPDATE CASCADE;
