-- CreateTable
CREATE TABLE "SourceGrant" (
    "sourceId" TEXT NOT NULL,
    "grantee" TEXT NOT NULL,

    PRIMARY KEY ("sourceId", "grantee"),
    CONSTRAINT "SourceGrant_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Upload" (
    "sourceId" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL DEFAULT 'WAITING',
    "failure" TEXT,
    "key" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "storedAt" DATETIME,
    CONSTRAINT "Upload_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Stream" (
    "sourceId" TEXT NOT NULL PRIMARY KEY,
    "maxAgeDays" INTEGER,
    "maxBytes" BIGINT,
    "clearedAt" DATETIME,
    CONSTRAINT "Stream_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source" ("id") ON DELETE CASCADE ON UPDATE CASCADE
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
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY ("sourceId", "key"),
    CONSTRAINT "StreamRequest_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Stream" ("sourceId") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "SourceGrant_grantee_idx" ON "SourceGrant"("grantee");

-- CreateIndex
CREATE UNIQUE INDEX "Upload_key_key" ON "Upload"("key");

-- CreateIndex
CREATE INDEX "StreamRequest_createdAt_idx" ON "StreamRequest"("createdAt");
